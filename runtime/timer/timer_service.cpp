#include "runtime/timer/timer_service.hpp"

#include <algorithm>

namespace troupe {

namespace {
using steady = std::chrono::steady_clock;
/// Longer waits are cut: adding them to a clock's now must not overflow.
constexpr std::chrono::duration<double> longest_wait{1e8};
} // namespace

timer_service::timer_service() : wheel_(steady::now()), wakes_at_(steady::time_point::max()), thread_([this] { run(); }) {}

timer_service::~timer_service() { stop(); }

timer_service::handle timer_service::after(std::chrono::duration<double> time, std::function<void()> action) {
  const auto wait = std::clamp(time, std::chrono::duration<double>{0}, longest_wait);
  const auto when = steady::now() + std::chrono::duration_cast<steady::duration>(wait);
  std::lock_guard lock{mutex_};
  if (stopping_) {
    return 0;
  }
  auto made = wheel_.insert(when, std::move(action));
  if (when < wakes_at_) {
    wakes_at_ = when;
    changed_.notify_one();
  }
  return made;
}

bool timer_service::cancel(handle which) {
  std::lock_guard lock{mutex_};
  return wheel_.cancel(which);
}

void timer_service::stop() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

void timer_service::run() {
  std::vector<std::function<void()>> due;
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    wheel_.expire(steady::now(), due);
    if (!due.empty()) {
      lock.unlock();
      for (auto& action : due) {
        action();
      }
      due.clear();
      lock.lock();
      continue;
    }
    auto next = wheel_.next(steady::now());
    wakes_at_ = next.value_or(steady::time_point::max());
    if (next) {
      changed_.wait_until(lock, *next);
    } else {
      changed_.wait(lock);
    }
  }
}

} // namespace troupe
