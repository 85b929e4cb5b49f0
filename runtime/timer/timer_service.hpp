#pragma once

#include "runtime/timer/timer_wheel.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace troupe {

/// Timers on one thread of their own that sleeps until the next is due. Actions run on that thread and must be short:
/// they put something into a mailbox. Thread-safe. `stop` (or the destructor) drops what has not fired.
class timer_service {
public:
  using handle = timer_wheel::handle;

  timer_service();
  ~timer_service();

  handle after(std::chrono::duration<double> time, std::function<void()> action);
  bool cancel(handle which);
  void stop();

private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  timer_wheel wheel_;
  timer_wheel::time_point wakes_at_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace troupe
