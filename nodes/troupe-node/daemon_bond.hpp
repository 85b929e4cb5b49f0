#pragma once

#include "runtime/node/peer_table.hpp"
#include "runtime/timer/timer_service.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

namespace troupe {

/// Whether the daemon of this node is there, and how long the node goes on without one. A daemon of a later incarnation
/// may come back within the grace; after that none is taken. Thread-safe; ends with the timers, which it outlives.
class daemon_bond {
public:
  using seconds = std::chrono::duration<double>;

  /// `on_over` is called once, on the timers' thread.
  daemon_bond(std::string daemon, seconds grace, std::function<void()> on_over);

  /// The node waits for its first link.
  void begin(timer_service& timers);
  /// Is this hello welcome? Everybody's but that of a daemon which is not the newest.
  result<> admit(const peer_identity& who) const;
  /// True if the daemon was away and has come back.
  bool up(const peer_identity& who);
  void down();

  const std::string& daemon() const noexcept { return daemon_; }
  seconds grace() const noexcept { return grace_; }

private:
  void wait(seconds time);

  std::string daemon_;
  seconds grace_;
  std::function<void()> on_over_;
  timer_service* timers_ = nullptr;
  mutable std::mutex mutex_;
  std::uint32_t incarnation_ = 0; ///< of the newest daemon that was here; 0: none yet
  std::uint64_t absence_ = 0;     ///< number of the present absence, or of the last one
  bool away_ = true;
  bool over_ = false;
};

} // namespace troupe
