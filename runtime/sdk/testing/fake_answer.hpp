#pragma once

#include <troupe/reply.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace troupe {

/// The answer to a message that a test gave to an actor; empty until it comes. From any thread.
class fake_answer {
public:
  bool ready() const {
    std::lock_guard guard{mutex_};
    return value_.has_value();
  }
  std::string command() const { return get().command(); }
  json body() const { return get().body(); }

  reply get() const {
    std::lock_guard guard{mutex_};
    return value_.value_or(reply{"(no answer yet)"});
  }

  /// Only the first one counts.
  void set(reply value) {
    std::lock_guard guard{mutex_};
    if (!value_) {
      value_ = std::move(value);
    }
  }

private:
  mutable std::mutex mutex_;
  std::optional<reply> value_;
};

using fake_answer_ptr = std::shared_ptr<fake_answer>;

} // namespace troupe
