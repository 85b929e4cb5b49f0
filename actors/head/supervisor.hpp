#pragma once

#include <troupe/actor.hpp>

#include "actors/head/watch_list.hpp"
#include "runtime/directory/directory.hpp"
#include "runtime/supervision/group_plan.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// What the supervisor needs from the daemon.
struct supervisor_ports {
  std::function<std::optional<place>(const std::string& name)> find; ///< in the directory
  std::string main_node;
  group_plan groups;
};

/// The system's supervisor (`troupe.supervisor` in the daemon): keeps who watches whom, and restarts the others of a group.
/// From outside, by any admin: `watch {entity, watcher?}` → `watching {entity}`, `unwatch` → `unwatched {entity,
/// was_watched}`, both `actor_is_not_found {mid}`. From inside: `names_are_gone {names, node, reason}` (the directory
/// released them), `node_is_gone {node, reason, will_restart}` (its process ended, and its names are released already,
/// those that come back excepted), `actor_is_quarantined {name, reason, node}`, `actor_was_restarted {name, reason}`, `messages_are_in_doubt {node, by, count, recipients}`.
/// `get_losses` → `losses {count, recipients: {name: count}, newest: [{node, by, count}…]}` since the start of the daemon.
class supervisor final : public actor {
public:
  explicit supervisor(supervisor_ports ports) : ports_(std::move(ports)) {}
  static void describe(class_builder<supervisor>& table);

private:
  reply watch(const message& what);
  reply unwatch(const message& what);
  void names_are_gone(const message& what);
  void node_is_gone(const message& what);
  void actor_is_quarantined(const message& what);
  void actor_was_restarted(const message& what);
  void messages_are_in_doubt(const message& what);
  reply get_losses();

  void tell(const std::vector<watch_list::notice>& notices);
  async<> restart_group(std::string group);

  struct group_work {
    std::deque<std::pair<std::string, std::string>> waiting; ///< who was restarted, and why
    async<> work;
  };

  supervisor_ports ports_;
  watch_list watches_;
  std::map<std::string, group_work> groups_;
  std::uint64_t in_doubt_ = 0;
  std::map<std::string, std::uint64_t> in_doubt_by_recipient_;
  std::deque<json> newest_in_doubt_;
};

std::shared_ptr<const class_info> make_supervisor_class(const supervisor_ports& ports);

} // namespace troupe
