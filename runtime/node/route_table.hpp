#pragma once

#include <troupe/message.hpp>
#include <troupe/result.hpp>

#include "runtime/directory/epoch.hpp"
#include "runtime/link/link.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe {

/// A message that waits until its way is known.
struct held_message {
  message_ptr what;
  lane credit = lane::ordinary;
  std::string from; ///< the node whose link it came over; empty: sent here
};

/// A flush marker to send: it goes to `node` and from there as any message to the name, and the owner's node answers it.
struct flush_marker {
  std::string node;
  std::uint64_t serial = 0;
};

/// What a call of the table leaves to its caller, who must not hold a lock.
struct route_work {
  std::vector<flush_marker> markers;
  std::vector<std::pair<held_message, error>> failed; ///< could not be sent
  std::vector<held_message> homeless;                 ///< nobody has the name
  bool look_up = false;                               ///< ask the directory, and tell `resolved`
  std::string tell;                                   ///< this peer should learn of `place` and `since`
  std::string place;
  epoch since;
  std::vector<std::function<void()>> freed; ///< who waited for the end of the passing on
};

/// Where this node believes names of other nodes live, the messages that wait for their way, and what it passes on for
/// names that have left it. Two rules keep the order of each pair of actors across moves (docs/adr/0007-moving-actors.md):
///
/// - This node changes the way of its own messages to a name only when everything sent by the old way is at the owner: a
///   marker follows them, and until it is answered new messages are held.
/// - A node that passes on messages of others for a name keeps its next hop until a marker was answered with nothing passed
///   on since. Until then it must not become the owner of that name again (`may_take`).
///
/// `send` and `home` run under the lock of the name, so that the order of calls is the order of messages; they must not
/// call back into the table. Thread-safe.
class route_table {
public:
  using sender = std::function<result<>(const std::string& node, held_message&)>;
  /// Hands a message to the actor on this node; false: it is not here.
  using home = std::function<bool(held_message&)>;

  enum class way {
    sent, ///< or refused: see `how`
    held,
    here, ///< the name lives on this node (again): look there
    full,
  };

  /// `self`: the name of this node.
  explicit route_table(std::string self) : self_(std::move(self)) {}

  /// A message of this node's own. `is_here` is asked when nothing is known of the name.
  way pass_own(const std::string& name, held_message what, const std::function<bool()>& is_here, const sender& send,
               result<>& how, route_work& work);

  /// A message that came over a link although the name was not here a moment ago.
  way pass_on(const std::string& name, held_message what, const home& here, const sender& send, result<>& how,
              route_work& work);

  /// The directory's answer; an empty node: absent, or this node itself.
  void resolved(const std::string& name, const std::string& node, epoch since, const sender& send, const home& here,
                route_work& work);

  /// A node that passed a message on says where the name lives; an empty node: nowhere, says `teller`.
  void told(const std::string& name, const std::string& node, epoch since, const std::string& teller, route_work& work);

  /// The answer to a marker: `node` owns the name. `ok` false: it was lost on its way.
  void flushed(const std::string& name, std::uint64_t serial, bool ok, const std::string& node, epoch since,
               const sender& send, const home& here, route_work& work);

  /// The link broke under a marker. True: the node it went to may live, and `mark_again` is to be called in a while, for
  /// what was sent by the old way may wait there. Else it is `flushed` without success.
  bool marker_broke(const std::string& name, std::uint64_t serial, const sender& send, const home& here, route_work& work);
  void mark_again(const std::string& name, std::uint64_t serial, route_work& work);

  /// Whether this node may take the name; if so, `claim` runs under the name's lock. Else `freed` is called when it may
  /// be asked again.
  bool may_take(const std::string& name, const std::function<void()>& claim, std::function<void()> freed);

  /// The name arrives: `settle` runs under its lock, and is told whether messages of this node must go on coming through
  /// this table (until `released`) because earlier ones are still under way. It returns false if nothing has come after
  /// all; then nothing changes.
  void arrive(const std::string& name, const std::function<bool(bool guarded)>& settle, route_work& work);

  /// Called under the name's lock when the messages of this node may go to the arrived actor directly.
  std::function<void(const std::string& name)> released;

  /// The name leaves this node: what comes from now on is held until `end_leave`, which sends it to the new owner.
  void begin_leave(const std::string& name);
  void end_leave(const std::string& name, const std::string& node, epoch since, const sender& send, route_work& work);

  /// Forgets where `name` lives, if that is `node` (any node if empty).
  void forget(const std::string& name, const std::string& node);
  /// Forgets every way over a node that is gone; returns who waited for the end of the passing on.
  std::vector<std::function<void()>> forget_node(const std::string& node);
  /// The link to a node broke, and the node may live: what it had of this node's messages may wait there, so the next ones
  /// follow a marker by the same way.
  void doubt_node(const std::string& node);

  std::size_t size() const;

  // For tests that try every interleaving.
  /// The same knowledge; `released` is the owner's to set.
  route_table(const route_table& other);
  /// Calls `see` with each name and all that is known of it, under the lock.
  template <class See>
  void each(See see) const {
    for (const auto& home : shards_) {
      std::lock_guard lock{home.mutex};
      for (const auto& [name, known] : home.entries) {
        see(name, known);
      }
    }
  }

private:
  struct entry {
    enum class state : std::uint8_t { unknown, known, flushing };
    state own = state::unknown;
    bool asking = false;  ///< the directory is asked
    bool leaving = false; ///< between `begin_leave` and `end_leave`
    bool broken = false;  ///< known: the link broke since the last message
    bool home = false;    ///< it has arrived here, and own messages wait to be let through to it
    std::string node;     ///< known: where own messages go; flushing: the old way, empty once that node is gone
    epoch since;
    std::string hint; ///< flushing: where it is said to live
    epoch hint_since;
    std::uint64_t own_marker = 0;
    std::uint16_t broken_markers = 0; ///< in a row
    std::vector<held_message> own_held;

    std::string next_hop; ///< where messages of others are passed on to
    epoch hop_since;
    std::uint64_t passed = 0;
    std::uint64_t passed_at_marker = 0;
    std::uint64_t hop_marker = 0;
    std::vector<held_message> others_held;
    std::vector<std::string> told;
    std::vector<std::function<void()>> freed;

    bool is_empty() const {
      return own == state::unknown && !asking && !leaving && next_hop.empty() && own_held.empty() && others_held.empty() &&
             freed.empty();
    }
  };
  struct shard {
    mutable std::mutex mutex;
    std::unordered_map<std::string, entry> entries;
  };

  static constexpr std::size_t most_held = 10'000;
  static constexpr std::size_t most_passing_held = 100'000;
  static constexpr std::uint16_t most_broken_markers = 200; ///< then the directory is asked
  static constexpr std::size_t most_entries = 65'536; ///< per shard; then known ways are dropped and asked for again

  shard& shard_of(const std::string& name) { return shards_[std::hash<std::string>{}(name) >> 7 & 15]; }

  void pass_over(entry& known, held_message& what, const sender& send, result<>& how, route_work& work);
  void use_hop(entry& known, const std::string& node, epoch since, const sender& send, route_work& work);
  void send_marker(entry& known, bool for_others, route_work& work);
  void flush(entry& known, const std::string& hint, epoch since, route_work& work);
  void send_own(entry& known, const std::string& node, epoch since, const sender& send, route_work& work);
  static void give_up_way(entry& known, route_work& work);
  void bring_home(const std::string& name, entry& known, const sender& send, const home& here, route_work& work);
  void retire(entry& known, route_work& work);
  static void let_go(entry& known, route_work& work);

  const std::string self_;
  std::array<shard, 16> shards_;
  std::atomic<std::uint64_t> markers_{0};
};

} // namespace troupe
