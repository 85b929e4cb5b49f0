#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <mutex>
#include <utility>

namespace troupe {

/// The way for other threads onto a port's thread. Outlives the port in the hands of those who may still call; once closed,
/// what is posted, and what was posted and has not run yet, is dropped. Thread-safe; owned by shared pointers.
class loop_gate : public std::enable_shared_from_this<loop_gate> {
public:
  explicit loop_gate(boost::asio::io_context& loop) : loop_(&loop) {}

  template <class Function>
  void post(Function what) {
    const std::lock_guard lock(mutex_);
    if (loop_ != nullptr) {
      boost::asio::post(*loop_, [self = shared_from_this(), what = std::move(what)]() mutable {
        if (self->is_open()) {
          what();
        }
      });
    }
  }

  void close() {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
  }

private:
  bool is_open() const {
    const std::lock_guard lock(mutex_);
    return loop_ != nullptr;
  }

  mutable std::mutex mutex_;
  boost::asio::io_context* loop_;
};

} // namespace troupe
