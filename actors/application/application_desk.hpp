#pragma once

#include <runtime/applications/application_store.hpp>

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

namespace troupe {

/// Where actors let the store of applications work: one thread, so that no actor waits for the disk. Ends by its
/// destructor, which finishes the step it is at and drops the others.
class application_desk {
public:
  using step = std::function<void(const application_store&)>;

  explicit application_desk(std::filesystem::path root) : store_(std::move(root)) {}
  application_desk(const application_desk&) = delete;
  application_desk& operator=(const application_desk&) = delete;
  ~application_desk();

  /// False if too much waits already; the step is not done then.
  bool post(step what);

private:
  void work();

  application_store store_;
  std::mutex mutex_; ///< over what follows
  std::condition_variable wake_;
  std::deque<step> queue_;
  bool ending_ = false;
  std::thread thread_; ///< starts with the first step
};

} // namespace troupe
