#pragma once

#include "runtime/node/executor.hpp"

namespace troupe {

/// Collects the turns that a thread schedules while it hands over many messages, so that a receiver is woken once and
/// not for each of them. Open on one thread at a time by `open` and `flush`; elsewhere nothing changes.
class wake_batch {
public:
  static void open() noexcept;
  /// Schedules what was collected and closes.
  static void flush();
  /// Takes the turn if a batch is open on this thread.
  static bool collect(executor& on, runnable& what);
};

} // namespace troupe
