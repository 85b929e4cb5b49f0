#pragma once

#include <runtime/process/unique_fd.hpp>
#include <runtime/warm_pool/warm_key.hpp>

#include <troupe/result.hpp>

#include <functional>
#include <memory>
#include <string>

namespace troupe {

/// An observer with a waiting interpreter. It ends when `control` closes.
struct warm_seat {
  unique_fd control;
  unique_fd process; ///< its pidfd
};

struct warm_parent_events {
  std::function<void(warm_seat seat)> on_seat;
  std::function<void(std::string how)> on_end;    ///< the parent is gone; once, not after it was dropped
};

/// A prepared interpreter that makes others. Dropping it ends it.
class warm_parent {
public:
  virtual ~warm_parent() = default;
  /// One seat more; it comes later, or never if the parent ends first.
  virtual void order() = 0;
};

/// Starts prepared interpreters. Used on one thread; events come there, and never inside of a call.
class warm_parents {
public:
  virtual ~warm_parents() = default;
  virtual result<std::unique_ptr<warm_parent>> start(const warm_key& key, warm_parent_events events) = 0;
};

} // namespace troupe
