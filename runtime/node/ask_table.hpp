#pragma once

#include <troupe/message.hpp>

#include "runtime/timer/timer_service.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe {

/// The asks of this node that wait for their answer, by number. An answer, a failure and the time-out race; the first
/// one wins, and a later one finds nothing and costs nothing. Thread-safe.
class ask_table {
public:
  /// Called once with the answer; on any thread, without locks.
  using done_function = std::function<void(message_ptr)>;

  /// Numbers start at (incarnation · 2³²), so an answer meant for an earlier life of this node finds nothing.
  ask_table(timer_service& timers, std::uint32_t incarnation);

  std::uint64_t next_number() noexcept { return next_.fetch_add(1, std::memory_order_relaxed); }

  /// `on_timeout` makes the `timer` answer.
  void open(std::uint64_t number, double timeout_s, done_function done, std::function<message_ptr()> on_timeout);

  /// Notes that the question is at `node`, or was sent there: its death fails the ask.
  void waits_at(std::uint64_t number, const std::string& node);
  /// A node has passed the question on to `node`; until that one says that it is there, the death of either fails it.
  void may_wait_at(std::uint64_t number, const std::string& node);

  /// False if nobody waits (any more).
  bool answer(std::uint64_t number, message_ptr what);

  /// Ends every ask that waits at `node` with what `make` gives for its number.
  void fail_at(const std::string& node, const std::function<message_ptr(std::uint64_t)>& make);

  std::size_t size() const;

private:
  struct entry {
    done_function done;
    timer_service::handle timer = 0;
    std::string node;
    std::vector<std::string> also; ///< nodes it was passed on to
  };
  struct shard {
    mutable std::mutex mutex;
    std::unordered_map<std::uint64_t, entry> entries;
  };

  shard& shard_of(std::uint64_t number) { return shards_[number % shards_.size()]; }

  timer_service& timers_;
  std::atomic<std::uint64_t> next_;
  std::array<shard, 16> shards_;
};

} // namespace troupe
