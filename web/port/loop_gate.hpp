#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <mutex>
#include <utility>

namespace troupe {

/// The way for other threads onto the web server's thread. Outlives the server in the hands of those who may still call;
/// once closed, what is posted is dropped. Thread-safe.
class loop_gate {
public:
  explicit loop_gate(boost::asio::io_context& loop) : loop_(&loop) {}

  template <class Function>
  void post(Function what) {
    const std::lock_guard lock(mutex_);
    if (loop_ != nullptr) {
      boost::asio::post(*loop_, std::move(what));
    }
  }

  void close() {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
  }

private:
  std::mutex mutex_;
  boost::asio::io_context* loop_;
};

} // namespace troupe
