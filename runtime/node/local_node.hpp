#pragma once

#include "runtime/door/door.hpp"
#include "runtime/link/link.hpp"
#include "runtime/node/actor_cell.hpp"
#include "runtime/node/ask_table.hpp"
#include "runtime/node/dead_letters.hpp"
#include "runtime/node/name_table.hpp"
#include "runtime/node/node_options.hpp"
#include "runtime/node/node_services.hpp"
#include "runtime/node/route_table.hpp"
#include "runtime/timer/timer_service.hpp"

#include <memory>
#include <string>

namespace troupe {

class peer_table;

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
  void stop_actors(std::function<void()> done) override;
  std::vector<std::string> actor_names() const override;
  std::optional<class_desc> desc_of(const std::string& name) const override;
  json dead_letter_report(std::size_t most) const override;
  json metrics() const override;

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
  /// The link to `node` is gone with all that was on it.
  void link_ended(const std::string& node, const std::string& reason);
  /// `node` is gone, and nothing more will come from it.
  void node_is_down(const std::string& node, const std::string& reason);
  void forget(actor_cell& gone);
  void release_names(const std::vector<std::string>& names, std::function<void()> done);

  ask_table& asks() noexcept { return asks_; }
  timer_service& timers() noexcept { return timers_; }
  dead_letters& letters() noexcept { return letters_; }
  route_table& routes() noexcept { return routes_; }
  peer_table& peers() noexcept { return *peers_; }
  void log(log_level level, std::string_view text) const;
  void print(std::string_view line) const;

private:
  result<> check_size(const json& body) const;
  result<> to_ask(const message_ptr& what);
  result<> to_local(std::string_view name, const message_ptr& what, const std::string* from);
  result<> to_cell(actor_cell& cell, const message_ptr& what, const std::string* from);
  result<> to_node(const std::string& node, const message_ptr& what, lane credit, const std::string* from);
  result<> to_name(const std::string& name, const message_ptr& what, lane credit, const std::string* from);
  result<> refused(const message& what, error why, const std::string* from);
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
  std::unique_ptr<peer_table> peers_;
};

} // namespace troupe
