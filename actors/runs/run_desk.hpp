#pragma once

#include <actors/runs/past_outputs.hpp>

#include <runtime/desk/desk.hpp>
#include <runtime/store/run_reader.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <utility>

namespace troupe {

/// What reads the history from disk, so that no actor waits for it.
class run_desk {
public:
  /// What a step works with.
  struct shelf {
    run_reader runs;
    past_outputs outputs;
    std::string runs_folder;
  };
  using step = std::function<void(shelf&)>;

  run_desk(std::filesystem::path database, std::string runs_folder)
    : shelf_{run_reader{std::move(database)}, past_outputs{runs_folder}, runs_folder} {}

  /// False if too much waits already; the step is not done then.
  bool post(step what) {
    return desk_.post([this, what = std::move(what)] { what(shelf_); });
  }

private:
  shelf shelf_;
  desk desk_; ///< ends first
};

} // namespace troupe
