#pragma once

#include <runtime/process/event_loop.hpp>

#include <thread>

namespace troupe {

/// An event loop on a thread of its own. One serves all descriptors of a program's tasks. The destructor ends and joins
/// the thread; it must not run on that thread.
class io_thread {
public:
  io_thread() : thread_([this] { loop_.run(); }) {}
  io_thread(const io_thread&) = delete;
  io_thread& operator=(const io_thread&) = delete;
  ~io_thread() {
    loop_.stop();
    thread_.join();
  }

  event_loop& loop() noexcept { return loop_; }
  bool is_current() const noexcept { return std::this_thread::get_id() == thread_.get_id(); }

private:
  event_loop loop_;
  std::thread thread_;
};

} // namespace troupe
