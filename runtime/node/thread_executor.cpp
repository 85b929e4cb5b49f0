#include "runtime/node/thread_executor.hpp"

namespace troupe {

thread_executor::thread_executor() : thread_([this] { loop(); }) {}

thread_executor::~thread_executor() { stop(); }

void thread_executor::schedule(runnable& what) {
  auto shared = ref_ptr<runnable>::share(&what);
  std::lock_guard lock{mutex_};
  if (!stopping_) {
    queue_.push_back(std::move(shared));
    changed_.notify_one();
  }
}

void thread_executor::stop() {
  std::deque<ref_ptr<runnable>> dropped;
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
    dropped.swap(queue_);
    changed_.notify_one();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

void thread_executor::loop() {
  std::unique_lock lock{mutex_};
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) {
      return;
    }
    auto next = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    const bool again = next->run();
    lock.lock();
    if (again && !stopping_) {
      queue_.push_back(std::move(next));
    } else {
      lock.unlock();
      next = {};
      lock.lock();
    }
  }
}

} // namespace troupe
