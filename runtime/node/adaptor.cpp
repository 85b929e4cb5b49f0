#include "runtime/node/adaptor.hpp"

#include "runtime/node/actor_cell.hpp"
#include "runtime/node/cell_extras.hpp"
#include "runtime/node/local_node.hpp"

#include <algorithm>
#include <unordered_map>

namespace troupe::adaptor {

namespace {

constexpr auto cumulative_ticker = "cumulative";
constexpr seconds cumulative_period{10};

using handler = std::optional<reply> (*)(actor_cell&, const message&);

/// The strings of `field`, or nothing if the body has not this shape.
std::optional<std::vector<std::string>> string_list(const json& body, const char* field) {
  if (!body.is_object() || !body.contains(field) || !body[field].is_array()) {
    return std::nullopt;
  }
  std::vector<std::string> all;
  for (const auto& item : body[field]) {
    if (!item.is_string()) {
      return std::nullopt;
    }
    all.push_back(item.get<std::string>());
  }
  return all;
}

reply wants_commands() { return reply::bad_request("commands", "an array of command names"); }

std::optional<reply> quit(actor_cell& cell, const message& what) {
  if (cell.home().options().node == cell.home().options().daemon_node) {
    return std::nullopt; // the head's own
  }
  (void)cell.forward(what, address::admin_of(cell.home().options().daemon_node));
  return reply::later();
}

/// Who is to be told: the body's `subscriber`, else the sender, unless that is an ask, which ends with its answer.
std::optional<address> subscriber_of(const message& what) {
  if (what.body().contains("subscriber")) {
    auto named = address::from_json(what.body()["subscriber"]);
    return named && !named->is_null() ? named : std::nullopt;
  }
  if (what.sender().is_null() || what.sender().is_ask()) {
    return std::nullopt;
  }
  return what.sender();
}

std::optional<reply> subscribe(actor_cell& cell, const message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("command") || !body["command"].is_string()) {
    return reply::bad_request("command", "the name of a command");
  }
  auto who = subscriber_of(what);
  if (!who) {
    return reply::bad_request("subscriber", "an actor's address (an ask has none that lasts)");
  }
  auto& all = cell.extras().observers[body["command"].get<std::string>()];
  if (std::ranges::find(all, *who) == all.end()) {
    all.push_back(*who);
  }
  return reply{"subscribed", json{{"command", body["command"]}, {"subscriber", who->to_json()}}};
}

std::optional<reply> unsubscribe(actor_cell& cell, const message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("command") || !body["command"].is_string()) {
    return reply::bad_request("command", "the name of a command");
  }
  auto who = subscriber_of(what);
  if (!who) {
    return reply::bad_request("subscriber", "an actor's address");
  }
  std::size_t removed = 0;
  if (cell.has_extras()) {
    auto& observers = cell.extras().observers;
    if (auto at = observers.find(body["command"].get<std::string>()); at != observers.end()) {
      removed = std::erase(at->second, *who);
      if (at->second.empty()) {
        observers.erase(at);
      }
    }
  }
  return reply{"unsubscribed", json{{"command", body["command"]}, {"was_subscribed", removed != 0}}};
}

std::optional<reply> not_log_set(actor_cell& cell, const message& what) {
  auto commands = string_list(what.body(), "commands");
  if (!commands) {
    return wants_commands();
  }
  cell.extras().not_logged.insert(commands->begin(), commands->end());
  return reply{"set"};
}

std::optional<reply> not_log_remove(actor_cell& cell, const message& what) {
  auto commands = string_list(what.body(), "commands");
  if (!commands) {
    return wants_commands();
  }
  for (const auto& command : *commands) {
    cell.extras().not_logged.erase(command);
  }
  return reply{"removed"};
}

std::optional<reply> cumulative_set(actor_cell& cell, const message& what) {
  auto commands = string_list(what.body(), "commands");
  if (!commands) {
    return wants_commands();
  }
  for (const auto& command : *commands) {
    cell.extras().cumulative.try_emplace(command);
  }
  if (!cell.extras().cumulative.empty()) {
    cell.add_ticker({cumulative_period, cumulative_period, {}, cumulative_ticker, "cumulative_tick"});
  }
  return reply{"set"};
}

std::optional<reply> cumulative_remove(actor_cell& cell, const message& what) {
  auto commands = string_list(what.body(), "commands");
  if (!commands) {
    return wants_commands();
  }
  for (const auto& command : *commands) {
    cell.extras().cumulative.erase(command);
  }
  if (cell.extras().cumulative.empty()) {
    cell.remove_ticker(cumulative_ticker);
  }
  return reply{"removed"};
}

std::optional<reply> cumulative_tick(actor_cell& cell, const message&) {
  if (cell.has_extras()) {
    for (auto& [command, count] : cell.extras().cumulative) {
      cell.log(log_level::info, command + ": received " + std::to_string(count.received) + ", sent " +
                                  std::to_string(count.sent) + ", asked " + std::to_string(count.asked));
      count = {};
    }
  }
  return reply::done();
}

std::optional<reply> get_params(actor_cell& cell, const message&) {
  json all = json::array();
  for (const auto& param : cell.of().loaded.info->params) {
    all.push_back(json{{"name", param.name}, {"value", param.get(*cell.body())}});
  }
  return reply{"params", json{{"params", std::move(all)}}};
}

/// All or nothing: with one value of a wrong type nothing is assigned. Unknown names are ignored, as in the model.
std::optional<reply> set_params(actor_cell& cell, const message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("params") || !body["params"].is_array()) {
    return reply::bad_request("params", "an array of {name, value}");
  }
  const auto& info = *cell.of().loaded.info;
  for (const auto& item : body["params"]) {
    if (!item.is_object() || !item.contains("name") || !item["name"].is_string() || !item.contains("value")) {
      return reply::bad_request("params", "an array of {name, value}");
    }
    const auto* param = info.find_param(item["name"].get_ref<const std::string&>());
    if (param == nullptr) {
      continue;
    }
    if (auto expected = param->check(item["value"])) {
      return reply::bad_request(param->name, *expected);
    }
  }
  for (const auto& item : body["params"]) {
    if (const auto* param = info.find_param(item["name"].get_ref<const std::string&>())) {
      param->set(*cell.body(), item["value"]);
    }
  }
  cell.checkpoint();
  return reply{"params_are_set"};
}

/// A marker that came through the mailbox: everything sent before it has been taken.
std::optional<reply> flush(actor_cell& cell, const message&) {
  return reply{"flushed", json{{"node", cell.home().options().node}, {"epoch", cell.since().to_json()}}};
}

std::optional<reply> empty(actor_cell&, const message&) { return reply::done(); }

const std::unordered_map<std::string_view, handler>& handlers() {
  static const auto& all = *new std::unordered_map<std::string_view, handler>{
    {"quit", quit},
    {"subscribe", subscribe},
    {"unsubscribe", unsubscribe},
    {"not_log_commands_set", not_log_set},
    {"not_log_commands_remove", not_log_remove},
    {"cumulative_commands_set", cumulative_set},
    {"cumulative_commands_remove", cumulative_remove},
    {"cumulative_tick", cumulative_tick},
    {"get_params", get_params},
    {"set_params", set_params},
    {"empty", empty},
    {flush_command, flush},
  };
  return all;
}

} // namespace

std::optional<reply> handle(actor_cell& cell, const message& what) {
  const auto& all = handlers();
  auto at = all.find(what.command());
  return at == all.end() ? std::nullopt : at->second(cell, what);
}

void note_received(actor_cell& cell, const message& what) {
  if (cell.has_extras()) {
    auto& more = cell.extras();
    if (auto at = more.cumulative.find(what.command()); at != more.cumulative.end()) {
      ++at->second.received;
      return;
    }
    if (more.not_logged.contains(what.command())) {
      return;
    }
  }
  if (cell.home().options().log_messages) {
    cell.log(log_level::debug, "received " + what.command() + " " + what.mid() + " from " + what.sender().to_string());
  }
}

} // namespace troupe::adaptor
