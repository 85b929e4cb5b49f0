#pragma once

#include <actors/runs/past_outputs.hpp>

#include <runtime/store/run_reader.hpp>

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace troupe {

/// What reads the history from disk: one thread, so that no actor waits for it. Ends by its destructor, which finishes the
/// step it is at and drops the others.
class run_desk {
public:
  /// What a step works with.
  struct shelf {
    run_reader runs;
    past_outputs outputs;
    std::string runs_folder;
  };
  using step = std::function<void(shelf&)>;

  run_desk(std::filesystem::path database, std::string runs_folder);
  run_desk(const run_desk&) = delete;
  run_desk& operator=(const run_desk&) = delete;
  ~run_desk();

  /// False if too much waits already; the step is not done then.
  bool post(step what);

private:
  void work();

  shelf shelf_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<step> queue_;
  bool ending_ = false;
  std::thread thread_;
};

} // namespace troupe
