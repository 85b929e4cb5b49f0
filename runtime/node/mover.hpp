#pragma once

#include <troupe/actor.hpp>

#include "runtime/move/move_source.hpp"
#include "runtime/node/local_node.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace troupe {

/// Moves the actors of its node to others, and takes those that come (docs/adr/0007-moving-actors.md). One on each node,
/// addressed as `troupe.mover`, on the control thread; it carries out what a `move_source` orders for each move, so that
/// any number of moves go on side by side.
///
/// It speaks with the movers of other nodes: `make_replica {move, name, state, count}` → `replica_is_ready` |
/// `replica_is_refused {reason}`; `enliven {name, epoch, move?}` → `replica_is_resumed {problem?}` | `replica_is_absent`;
/// `drop_replica {name, move}` → `replica_is_dropped`.
class mover final : public actor {
public:
  explicit mover(local_node& home)
    : home_(home), next_number_(static_cast<std::uint64_t>(home.options().incarnation) << 32) {}
  static void describe(class_builder<mover>& table);

  async<> pre_run() override;

private:
  /// One move of an actor of this node.
  struct job {
    std::uint64_t number = 0;
    move_order what;
    std::function<void(move_end)> done;
    ref_ptr<actor_cell> cell;
    move_source steps;
    frozen_actor frozen;
    epoch committed;
    std::size_t missing_marks = 0;
    bool marks_failed = false;
    std::set<std::string> waits_for; ///< actors that are frozen here too and to which it has sent
    std::string retry_after;         ///< two that wait for each other: this one tries again after that one
    int tries = 0;
    bool gone = false; ///< the actor had left before this move began
  };
  using job_ptr = std::shared_ptr<job>;

  // mover.cpp: the source's side
  void begin(move_order what, std::function<void(move_end)> done, int tries);
  void carry_out(const job_ptr& one, const move_source::orders& orders);
  void prepare(const job_ptr& one);
  void freeze(const job_ptr& one);
  void send_state(const job_ptr& one);
  void flush_senders(const job_ptr& one);
  void flush_sender(const job_ptr& one, const std::string& name, int broken);
  void marked(const job_ptr& one, bool ok);
  bool waits(const std::string& name, const std::string& for_whom) const;
  void commit(const job_ptr& one);
  void depart(const job_ptr& one);
  void enliven_there(const job_ptr& one);
  void end(const job_ptr& one, move_end how);
  void node_down(const std::string& node, const std::string& reason);
  void ask_target(const job_ptr& one, std::string_view entity, std::string command, json body, seconds patience,
                  std::function<void(message_ptr)> done);

  // mover_here.cpp: new objects on this node, and replicas that come
  void renew(move_order what, std::function<void(move_end)> done);
  reply make_replica(const message& what);
  reply enliven(const message& what);
  reply drop_replica(const message& what);
  void drop(const std::string& name, std::uint64_t move);
  void settle(const std::string& name, epoch since, std::function<void(result<>)> done);
  void note_replica(const std::string& name, std::uint64_t move, std::function<void()> noted);
  void watch_replica(const std::string& name, std::uint64_t move);
  void on_pool(std::function<void()> what);

  local_node& home_;
  poster post_;
  std::map<std::uint64_t, job_ptr> jobs_;
  std::map<std::string, std::vector<std::function<void(result<>)>>> enlivening_; ///< whose `moved` runs; who waits for it
  std::uint64_t next_number_; ///< of moves: never the same for two nodes, nor for two lives of one
};

/// Lets a node move actors.
void install_mover(local_node& home);

} // namespace troupe
