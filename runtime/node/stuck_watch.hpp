#pragma once

#include "runtime/node/executor.hpp"
#include "runtime/node/name_table.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

class local_node;

/// Notices handlers that are at work for longer than `stuck_after`. A cell notes what it is at with a coarse clock of ours,
/// which costs it two stores; now and then all cells are looked at, a part of them in each turn, and so rarely that it
/// takes half a percent of one core at most, however many there are. Thread-safe; ends with the node's timers.
class stuck_watch final : public runnable {
public:
  using duration = std::chrono::duration<double>;

  stuck_watch(local_node& home, const name_table& names, executor& turns);

  /// Begins to look; to be called once. Nothing happens if `stuck_after` is 0.
  void start(duration stuck_after);

  /// The coarse clock: hundredths of a second since the node began, renewed once in a while.
  std::uint32_t tick() const noexcept { return tick_.load(std::memory_order_relaxed); }

  struct stuck_actor {
    std::string name;
    std::string command; ///< a copy: the class may go with the cell
    actor_cell::work at;
  };
  /// Those that were stuck at the last look and still are at the same.
  std::vector<stuck_actor> stuck() const;
  /// How long a handler has been at work at least, if that is too long.
  std::optional<duration> too_long(const actor_cell::work& at) const;

  bool run() override;

private:
  void arm();
  duration now() const { return std::chrono::steady_clock::now() - begun_; }

  local_node& home_;
  const name_table& names_;
  executor& turns_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  duration stuck_after_{0};
  duration period_{0};
  std::atomic<std::uint32_t> tick_{1};
  std::atomic<bool> looking_{false};
  // Of the turn.
  std::size_t shard_ = 0;
  duration look_took_{0};
  duration look_ended_{0};
  std::vector<stuck_actor> found_;
  mutable std::mutex mutex_;
  std::vector<stuck_actor> stuck_;
};

} // namespace troupe
