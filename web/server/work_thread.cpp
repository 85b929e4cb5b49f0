#include "web/server/work_thread.hpp"

#include <utility>

#include <pthread.h>

namespace troupe {

work_thread::~work_thread() {
  std::deque<job> dropped;
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
    dropped.swap(waiting_);
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

bool work_thread::run(std::size_t bytes, std::function<std::function<void()>()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (ends_ || waiting_.size() >= most_waiting || bytes_ + bytes > most_bytes) {
      return false;
    }
    bytes_ += bytes;
    waiting_.push_back({bytes, std::move(work)});
  }
  if (!thread_.joinable()) {
    thread_ = std::thread([this] { loop(); }); // signals are blocked as on the web server's thread
  }
  wake_.notify_one();
  return true;
}

void work_thread::loop() {
  pthread_setname_np(pthread_self(), "web-files");
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return ends_ || !waiting_.empty(); });
    if (ends_) {
      return;
    }
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    auto then = next.work();
    next.work = nullptr; // the last hold of what it shares with `then` goes on the web server's thread
    gate_->post(std::move(then));
    lock.lock();
    bytes_ -= next.bytes;
  }
}

} // namespace troupe
