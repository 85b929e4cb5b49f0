#include "runtime/desk/desk.hpp"

#include <utility>

namespace troupe {

desk::~desk() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) {
    thread_.join();
  }
}

bool desk::post(step what) {
  const std::lock_guard lock{mutex_};
  if (ending_ || queue_.size() >= most_waiting) {
    return false;
  }
  queue_.push_back(std::move(what));
  if (!thread_.joinable()) {
    thread_ = std::thread([this] { work(); });
  }
  wake_.notify_one();
  return true;
}

void desk::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    wake_.wait(lock, [&] { return ending_ || !queue_.empty(); });
    if (ending_) {
      return;
    }
    auto next = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    next();
    next = nullptr;
    lock.lock();
  }
}

} // namespace troupe
