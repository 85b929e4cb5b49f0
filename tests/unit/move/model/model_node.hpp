#pragma once

#include "runtime/move/move_source.hpp"
#include "tests/unit/move/model/frame.hpp"

#include <deque>
#include <functional>
#include <optional>

namespace troupe::move_model {

class world;

/// An actor on its node. Taking a message has no effect that others see, so the model takes messages only when it
/// matters how many were taken: when the actor is frozen, and at the end.
struct cell {
  id name = target_actor;
  bool frozen = false;
  bool freezing = false;
  bool guarded = false;
  std::uint8_t since = 0;
  actor_state state;
  std::vector<message_ptr> mailbox;
};

struct replica {
  id name = target_actor;
  id from = nobody;
  std::uint16_t move = 0;
  std::uint8_t since = 0;
  bool complete = false;
  actor_state state;
  std::vector<message_ptr> mailbox;
  std::vector<held_message> others;
};

/// A move whose source is this node.
struct job {
  std::uint16_t number = 0;
  id name = target_actor;
  id target = nobody;
  std::uint8_t order = 0; ///< which move of the scenario
  bool asker = true;      ///< has not been told yet
  move_source steps;
  std::vector<message_ptr> mail;
  std::uint8_t missing_marks = 0;
  bool marks_failed = false;
  std::uint8_t waits_for = 0; ///< bit per actor
  std::uint8_t committed = 0;
  std::uint8_t asks = 0; ///< bits: prepare, make_replica, enliven wait at the target
  bool in_time = true;  ///< the end of its time has not come
  bool doomed = false;  ///< it failed while the actor was being stopped
};

/// A question of this node whose answer carries a marker back.
struct open_ask {
  std::uint16_t number = 0;
  id name = target_actor;
  std::uint64_t serial = 0; ///< of the route table; 0: a mark of a moving sender
  std::uint16_t job = 0;
  id waits_at = nobody;
};

/// A target that may not take the name yet, or has been asked just now.
struct prepare_order {
  std::uint16_t ticket = 0;
  frame what;
  id from = nobody;
};

/// What a node has begun and another thread of it will do.
struct pending {
  enum class what : std::uint8_t { freeze, embody, unlist, leave, marker, later } does;
  frame data;
  id from = nobody;         ///< the node of the link, or the source
  std::uint64_t serial = 0; ///< marker
  bool blocks = false;      ///< the link of `from` waits for it
  std::uint8_t taken = 0;   ///< how much of the mailbox was copied
};

/// One node of the model: the real route table, and thin copies of what local_node (node_routing.cpp) and mover
/// (node_moving.cpp) do around it. Plain and copyable. Every call takes the world, to which it sends.
class model_node {
public:
  model_node(id self, bool alive);
  model_node(const model_node& other);
  model_node& operator=(const model_node&) = delete;

  // node_routing.cpp
  void send_own(world& in, id name, const message_ptr& what);
  void pass_on(world& in, id name, const message_ptr& what, id from);
  void control(world& in, const frame& what, id from);
  void flushed(world& in, const frame& what);
  void resolved(world& in, const frame& what);
  void link_ended(world& in, id node);
  void settle_here(world& in, id name, const std::function<bool(bool)>& settle);
  void end_leave(world& in, const pending& what);
  void send_marker(world& in, const pending& what);
  void lose_ask(world& in, std::size_t at, bool timed_out);

  // node_moving.cpp
  void begin(world& in, id name, id target, std::uint8_t order);
  void run_pending(world& in, std::size_t at, int variant);
  void mover_turn(world& in, const frame& what, id from);
  void node_down(world& in, id node);
  void prepare(world& in, const frame& what, id from);
  void refuse_prepare(world& in, std::size_t at);
  void out_of_time(world& in, std::size_t at);
  void drop(world& in, id name, std::uint16_t move);
  void note(world& in, const replica& one) const;

  cell* find(id name);
  const cell* find(id name) const;
  replica* replica_of(id name);
  job* job_of(std::uint16_t number);

  id self;
  bool alive;
  bool up = true; ///< its process lives
  std::uint8_t gone = 0; ///< bit per node that it knows to be down
  route_table routes;
  std::vector<cell> cells;
  std::vector<replica> replicas;
  std::vector<job> jobs;
  std::vector<open_ask> asks;
  std::vector<prepare_order> prepares;
  std::vector<pending> pendings;
  std::deque<std::pair<frame, id>> system_lane; ///< of the mover: answers
  std::deque<std::pair<frame, id>> inbox;       ///< of the mover: messages
  std::uint16_t next_number = 0;
  std::uint16_t next_ask = 0;
  std::uint16_t next_ticket = 0;

private:
  bool deliver(world& in, id name, const message_ptr& what, bool own);
  bool hold(id name, held_message& what);
  bool bring_home(world& in, id name, held_message& held);
  result<> send_along(world& in, id name, id node, const message_ptr& what, bool own);
  route_table::sender sender(world& in, id name);
  route_table::home home(world& in, id name);
  void finish(world& in, id name, route_work& work, id from = nobody);
  void refused(world& in, const message_ptr& what, bool lost);
  void answer_marker(world& in, id name, const message& what, bool ok, std::uint8_t since);

  void attempt(world& in, std::uint16_t ticket);
  void carry_out(world& in, std::uint16_t number, const move_source::orders& orders);
  void tell(world& in, job& one);
  void end(world& in, std::uint16_t number);
  void freeze(world& in, const pending& what, int variant);
  void send_state(world& in, job& one);
  void flush_senders(world& in, std::uint16_t number);
  void marked(world& in, std::uint16_t number, bool ok);
  void answer_waiting(world& in, cell& there);
  void make_replica(world& in, const frame& what, id from);
  void embodied(world& in, const pending& what, int variant);
  bool settle(world& in, id name, std::uint8_t since);
};

} // namespace troupe::move_model
