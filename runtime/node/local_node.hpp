#pragma once

#include "runtime/door/door.hpp"
#include "runtime/link/link.hpp"
#include "runtime/node/actor_cell.hpp"
#include "runtime/node/ask_table.hpp"
#include "runtime/node/dead_letters.hpp"
#include "runtime/node/failure_board.hpp"
#include "runtime/node/name_table.hpp"
#include "runtime/node/node_options.hpp"
#include "runtime/node/node_services.hpp"
#include "runtime/node/replica_table.hpp"
#include "runtime/node/route_table.hpp"
#include "runtime/timer/timer_service.hpp"

#include <memory>
#include <string>

namespace troupe {

class peer_table;
class stuck_watch;

/// What the mover of a node does for it; each may be called by any thread.
struct move_service {
  std::function<void(move_order, std::function<void(move_end)>)> move;
  std::function<void(const std::string& node, const std::string& reason)> node_down;
  std::function<void(const std::string& name, std::uint64_t move)> abandoned; ///< a replica that nobody completed
};

/// One OS process of the system: its actors, its asks, its routes, its links. Everything a message meets between two
/// actors is here; what runs the turns and carries the bytes comes from outside. Thread-safe. Ends by `stop`.
class local_node final : public door, public node_services {
public:
  local_node(node_options options, executor& pool, executor& control, link_transport& transport);
  ~local_node() override;

  const node_options& options() const noexcept { return options_; }

  /// Makes an actor of the runtime itself (an admin, the directory) at once, on the control thread, without asking the
  /// directory. It is addressed as `entity`; `shown` is what it calls itself.
  void install(const std::string& entity, std::string shown, std::shared_ptr<const class_info> of);

  /// Takes what leaves the system running: no link, no ask, no actor survives. `stop_actors` first, for exit hooks.
  void stop();

  // door
  const std::string& system() const noexcept override { return options_.system; }
  const std::string& node() const noexcept override { return options_.node; }
  const std::string& head() const noexcept override { return options_.head; }
  result<> send(request what) override;
  void ask(request what, std::function<void(message_ptr)> done) override;

  // node_services
  void create_actors(creation what, std::function<void(result<>)> done) override;
  void restore_actors(std::vector<restoration> what, std::function<void(json failed)> done) override;
  void remove_actor(const std::string& name, seconds patience, std::function<void(removal)> done) override;
  void restart_actor(const std::string& name, const std::string& reason, bool alone,
                     std::function<void(result<>)> done) override;
  void resume_actor(const std::string& name, std::function<void(result<>)> done) override;
  json supervision_report(const std::optional<std::string>& name) const override;
  void stop_actors(std::function<void()> done) override;
  void move_actor(move_order what, std::function<void(move_end)> done) override;
  void prepare_replica(replica_order what, std::function<void(result<>)> done) override;
  std::vector<std::string> actor_names() const override;
  std::optional<class_desc> desc_of(const std::string& name) const override;
  json dead_letter_report(std::size_t most) const override;
  json metrics() const override;
  json census(const std::string& from, std::size_t most) const override; // census.cpp

  // For cells, peers and the programs.
  /// Where every message goes: to a local mailbox, to an ask, to a link, or to the directory with a question. An error
  /// is for the caller who sends; a `from` names the node whose link it came over, and then nothing is returned but
  /// what must be said is said to the sender.
  result<> route(message_ptr what, lane credit, const std::string* from = nullptr);
  /// The answer to `question`, if it wants one.
  void answer(const message& question, reply what);
  /// A message without a receiver: its sender hears `command`, or it is a dead letter.
  void bounce(const message& what, std::string command, json body, const std::string& reason);
  /// Asks; `done` runs on any thread. `asker` names the waiting actor whose chain is `trace`. Gives the ask's number.
  std::uint64_t open_ask(request what, std::vector<trace_hop> trace, const std::string* asker,
                         std::function<void(message_ptr)> done);
  message_ptr make_message(message_fields fields);
  /// What came over a link from `from`.
  void received(const std::string& from, message_ptr what);
  void control(const std::string& from, const json& what);
  const std::shared_ptr<const std::string>& origin() const noexcept { return origin_; }
  /// Of the messages that went over the link to `node`, up to so many for each recipient are lost.
  void are_in_doubt(const std::string& node, const std::string& reason, std::map<std::string, std::uint64_t> counts);
  /// The link to `node` is gone with all that was on it; the node may live.
  void link_ended(const std::string& node, const std::string& reason);
  /// The process that was `node` has gone with all that was on its link; another one may be there.
  void earlier_life_ended(const std::string& node, const std::string& reason);
  /// `node` is gone, and nothing more will come from it.
  void node_is_down(const std::string& node, const std::string& reason);
  void forget(actor_cell& gone);
  /// `reason` is for those who watch the names.
  void release_names(const std::vector<std::string>& names, std::function<void()> done, const std::string& reason);
  /// Ends an actor whose code failed and frees its name.
  void stop_failed(const std::string& name, const std::string& reason);
  /// The coarse clock of what is at work.
  std::uint32_t tick() const noexcept;
  failure_board& failures() noexcept { return failures_; }

  ask_table& asks() noexcept { return asks_; }
  timer_service& timers() noexcept { return timers_; }
  dead_letters& letters() noexcept { return letters_; }
  route_table& routes() noexcept { return routes_; }
  peer_table& peers() noexcept { return *peers_; }
  /// From now on this node can move actors.
  void serve_moves(move_service service);
  void is_here(const message& what);
  /// The actor of `name` has gone to `node`.
  void has_left(const std::string& name, const std::string& node, epoch since);
  /// A named point of a move: tests let a process die, stop or wait there.
  void fault(std::string_view point) const {
    if (options_.fault) {
      options_.fault(point);
    }
  }
  void settle_here(const std::string& name, const std::function<bool(bool guarded)>& settle);
  name_table& names() noexcept { return names_; }
  replica_table& replicas() noexcept { return replicas_; }
  executor& pool() noexcept { return pool_; }
  void log(log_level level, std::string_view text) const;
  void print(std::string_view line) const;

private:
  result<> check_size(const json& body) const;
  result<> to_ask(const message_ptr& what);
  result<> to_local(std::string_view name, const message_ptr& what, const std::string* from);
  result<> to_node(const std::string& node, const message_ptr& what, lane credit, const std::string* from);
  result<> to_name(const std::string& name, const message_ptr& what, lane credit, const std::string* from);
  result<> refused(const message& what, error why, const std::string* from);
  result<> pass_on(const std::string& name, const message_ptr& what, const std::string& from);
  bool answer_marker(const std::string& name, const message& what);
  std::uint32_t limit_of(const message& what) const;
  bool bring_home(const std::string& name, held_message& held);
  result<> send_along(const std::string& node, held_message& held);
  void finish(const std::string& name, route_work& work);
  void send_marker(const std::string& name, const flush_marker& marker);
  void marker_came_back(const std::string& name, std::uint64_t serial, const message& answer);
  void fail_asks_at(const std::string& node, const std::string& reason);
  void later(std::function<void()> what);
  void resolve(const std::string& name);
  void resolved(const std::string& name, const message& answer);
  void absent(const held_message& held, const std::string& name);

  node_options options_;
  std::shared_ptr<const std::string> origin_;
  executor& pool_;
  executor& control_;
  std::atomic<std::uint64_t> next_mid_;
  std::atomic<std::uint64_t> delivered_{0};
  timer_service timers_;
  ask_table asks_;
  dead_letters letters_;
  name_table names_;
  route_table routes_;
  replica_table replicas_;
  std::unique_ptr<peer_table> peers_;
  std::shared_ptr<const move_service> moves_;
  failure_board failures_;
  ref_ptr<stuck_watch> stuck_;
};

} // namespace troupe
