#pragma once

#include <runtime/applications/application_store.hpp>
#include <runtime/desk/desk.hpp>

#include <filesystem>
#include <functional>
#include <utility>

namespace troupe {

/// Where actors let the store of applications work, so that none of them waits for the disk.
class application_desk {
public:
  using step = std::function<void(const application_store&)>;

  explicit application_desk(std::filesystem::path root) : store_(std::move(root)) {}

  /// False if too much waits already; the step is not done then.
  bool post(step what) {
    return desk_.post([this, what = std::move(what)] { what(store_); });
  }

private:
  application_store store_;
  desk desk_; ///< ends first
};

} // namespace troupe
