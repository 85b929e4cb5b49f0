#pragma once

#include "runtime/node/executor.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace troupe {

/// Gives turns when told to, on the caller's thread.
class manual_executor final : public executor {
public:
  void schedule(runnable& what) override {
    std::lock_guard lock{mutex_};
    queue_.push_back(ref_ptr<runnable>::share(&what));
    changed_.notify_one();
  }

  /// One turn. False: nobody has any.
  bool step() {
    ref_ptr<runnable> next;
    {
      std::lock_guard lock{mutex_};
      if (queue_.empty()) {
        return false;
      }
      next = std::move(queue_.front());
      queue_.pop_front();
    }
    if (next->run()) {
      std::lock_guard lock{mutex_};
      queue_.push_back(std::move(next));
    }
    return true;
  }

  /// Returns when somebody wants a turn, or after `most`.
  void wait(std::chrono::milliseconds most) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, most, [this] { return !queue_.empty(); });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<ref_ptr<runnable>> queue_;
};

} // namespace troupe
