#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace troupe {

/// One thread that does steps in the order in which they were posted; it starts with the first. The destructor finishes
/// the step that has begun and drops the others. Thread-safe.
class desk {
public:
  using step = std::function<void()>;
  static constexpr std::size_t most_waiting = 10'000;

  desk() = default;
  desk(const desk&) = delete;
  desk& operator=(const desk&) = delete;
  ~desk();

  /// False if too much waits already; the step is not done then.
  bool post(step what);

private:
  void work();

  std::mutex mutex_; ///< over what follows
  std::condition_variable wake_;
  std::deque<step> queue_;
  bool ending_ = false;
  std::thread thread_;
};

} // namespace troupe
