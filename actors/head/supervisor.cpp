#include "actors/head/supervisor.hpp"

#include "runtime/node/node_options.hpp"

#include <expected>

namespace troupe {

namespace {

constexpr seconds restart_time{15}; ///< for one actor of a group, `pre_run` included

struct watch_question {
  std::string entity;
  address watcher;
};

std::string text_of(const json& body, const char* field) {
  return body.is_object() && body.contains(field) && body[field].is_string() ? body[field].get<std::string>() : std::string{};
}

/// Who is watched, and who is to be told: the body's `watcher`, else the sender, unless that is an ask, which ends with its
/// answer.
std::expected<watch_question, reply> parse_watch(const message& what, const std::string& system) {
  watch_question out;
  out.entity = text_of(what.body(), "entity");
  if (out.entity.empty()) {
    return std::unexpected(reply::bad_request("entity", "the name of an actor or a node"));
  }
  if (what.body().contains("watcher")) {
    auto named = address::from_json(what.body()["watcher"]);
    if (!named || named->is_null() || named->is_ask()) {
      return std::unexpected(reply::bad_request("watcher", "an actor's address"));
    }
    out.watcher = *named;
  } else if (!what.sender().is_null() && !what.sender().is_ask()) {
    out.watcher = what.sender();
  } else {
    return std::unexpected(reply::bad_request("watcher", "an actor's address (an ask has none that lasts)"));
  }
  if (out.watcher.system == system) {
    out.watcher.system.clear();
  }
  if (!out.watcher.entity.empty() && !is_internal_name(out.watcher.entity)) {
    out.watcher.node.clear(); // the name decides, wherever it lives by then
  }
  return out;
}

} // namespace

void supervisor::describe(class_builder<supervisor>& table) {
  table.doc("who watches whom, and the groups of the configuration")
    .on("watch", &supervisor::watch)
    .on("unwatch", &supervisor::unwatch)
    .on("get_losses", &supervisor::get_losses)
    .on("messages_are_in_doubt", &supervisor::messages_are_in_doubt)
    .on("names_are_gone", &supervisor::names_are_gone)
    .on("node_is_gone", &supervisor::node_is_gone)
    .on("actor_is_quarantined", &supervisor::actor_is_quarantined)
    .on("actor_was_restarted", &supervisor::actor_was_restarted);
}

reply supervisor::watch(const message& what) {
  auto question = parse_watch(what, ctx().system());
  if (!question) {
    return std::move(question.error());
  }
  if (question->entity != ports_.main_node && !ports_.find(question->entity)) {
    return {"actor_is_not_found", json{{"mid", what.mid()}, {"entity", question->entity}}};
  }
  watches_.add(question->entity, question->watcher);
  return {"watching", json{{"entity", question->entity}}};
}

reply supervisor::unwatch(const message& what) {
  auto question = parse_watch(what, ctx().system());
  if (!question) {
    return std::move(question.error());
  }
  const bool was = watches_.remove(question->entity, question->watcher);
  return {"unwatched", json{{"entity", question->entity}, {"was_watched", was}}};
}

/// A node says what may be lost with another one. Bounded: names above the limit only count in the sum.
void supervisor::messages_are_in_doubt(const message& what) {
  constexpr std::size_t most_recipients = 10'000;
  constexpr std::size_t most_newest = 100;
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("recipients") || !body["recipients"].is_object()) {
    return;
  }
  in_doubt_ += body.value("count", std::uint64_t{0});
  for (const auto& [name, count] : body["recipients"].items()) {
    auto at = in_doubt_by_recipient_.find(name);
    if (at == in_doubt_by_recipient_.end() && in_doubt_by_recipient_.size() < most_recipients) {
      at = in_doubt_by_recipient_.emplace(name, 0).first;
    }
    if (at != in_doubt_by_recipient_.end() && count.is_number_unsigned()) {
      at->second += count.get<std::uint64_t>();
    }
  }
  newest_in_doubt_.push_back(json{{"node", text_of(body, "node")}, {"by", text_of(body, "by")}, {"count", body["count"]}});
  if (newest_in_doubt_.size() > most_newest) {
    newest_in_doubt_.pop_front();
  }
}

reply supervisor::get_losses() {
  return {"losses", json{{"count", in_doubt_}, {"recipients", in_doubt_by_recipient_}, {"newest", newest_in_doubt_}}};
}

void supervisor::tell(const std::vector<watch_list::notice>& notices) {
  for (const auto& one : notices) {
    (void)ctx().send(one.watcher, one.command, one.body);
  }
}

void supervisor::names_are_gone(const message& what) {
  if (watches_.is_empty()) {
    return;
  }
  const auto& body = what.body();
  const auto node = text_of(body, "node");
  auto reason = text_of(body, "reason");
  reason = reason.empty() ? "it was removed" : reason;
  for (const auto& name : body.value("names", json::array())) {
    watches_.forget_watchers([&](const address& watcher) { return watcher.entity == name; });
    tell(watches_.actor_is_down(name.get<std::string>(), reason, node, false, false));
  }
}

/// Who was at a dead node is seen by the directory: what comes back is there still, the rest is not there any more.
void supervisor::node_is_gone(const message& what) {
  const auto node = text_of(what.body(), "node");
  const auto reason = text_of(what.body(), "reason");
  const bool returns = what.body().value("will_restart", json(false)) == true;
  tell(watches_.node_is_down(node, reason, returns, node == ports_.main_node || ports_.find(node).has_value()));
  watches_.forget_watchers([this](const address& watcher) {
    const auto& name = watcher.entity.empty() ? watcher.node : watcher.entity;
    return name != ports_.main_node && !is_internal_name(name) && !ports_.find(name);
  });
  for (const auto& entity : watches_.watched()) {
    if (entity == ports_.main_node || entity == node) {
      continue;
    }
    const auto where = ports_.find(entity);
    if (!where) {
      tell(watches_.actor_is_down(entity, "lost with its process: " + reason, node, false, false));
    } else if (where->node == node) {
      tell(watches_.actor_is_down(entity, "lost with its process: " + reason, node, returns, true));
    }
  }
}

void supervisor::actor_is_quarantined(const message& what) {
  const auto name = text_of(what.body(), "name");
  tell(watches_.actor_is_down(name, "it is in quarantine: " + text_of(what.body(), "reason"), text_of(what.body(), "node"),
                              false, true));
}

void supervisor::actor_was_restarted(const message& what) {
  const auto name = text_of(what.body(), "name");
  const auto* group = ports_.groups.of(name);
  if (group == nullptr || ports_.groups.restarted_with(name).empty()) {
    return;
  }
  auto& mine = groups_[group->name];
  mine.waiting.emplace_back(name, text_of(what.body(), "reason"));
  if (mine.work.done()) {
    mine.work = restart_group(group->name);
    mine.work.handle().resume();
  }
}

/// One after the other, in the order of the group; what fails meanwhile waits for its turn.
async<> supervisor::restart_group(std::string group) {
  auto& mine = groups_[group];
  while (!mine.waiting.empty()) {
    const auto [cause, reason] = mine.waiting.front();
    mine.waiting.pop_front();
    for (const auto& other : ports_.groups.restarted_with(cause)) {
      const auto where = ports_.find(other);
      if (!where) {
        continue;
      }
      json body = json::object();
      body["name"] = other;
      body["reason"] = cause + " of its group " + group + " was restarted: " + reason;
      body["alone"] = true;
      request order{address{where->node, std::string{local_admin_entity}}, "restart_actor", body, restart_time, {}, {}};
      auto answer = co_await ctx().ask(std::move(order));
      if (!answer->is("actor_is_restarted")) {
        ctx().log(log_level::warning, other + " of the group " + group + " was not restarted: " + answer->command() + " " +
                                        answer->body().dump(-1, ' ', false, json::error_handler_t::replace));
      }
    }
  }
}

std::shared_ptr<const class_info> make_supervisor_class(const supervisor_ports& ports) {
  return std::make_shared<const class_info>(
    describe_class<supervisor>("Supervisor", [ports] { return std::make_unique<supervisor>(ports); }));
}

} // namespace troupe
