#include "nodes/troupe/commands.hpp"
#include "nodes/troupe/node_list.hpp"
#include "nodes/troupe/table.hpp"
#include "nodes/troupe/typed_value.hpp"

#include <algorithm>
#include <cstdio>

namespace troupe::cli {

namespace {

std::string field(const json& state, const char* key) {
  return state.is_object() ? shown(state.value(key, json{})) : "?";
}

std::string duration(const json& state) {
  const auto value = state.is_object() ? state.value("duration_s", json{}) : json{};
  if (!value.is_number()) {
    return "-";
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", value.get<double>());
  return text;
}

std::string ending(const json& state) {
  const auto code = state.is_object() ? state.value("exit_code", json{}) : json{};
  const auto signal = state.is_object() ? state.value("signal", json{}) : json{};
  return !signal.is_null() ? "signal " + shown(signal) : !code.is_null() ? "code " + shown(code) : "-";
}

/// A task has no list of its own: its actor's name tells it.
attempt<std::vector<std::string>> task_ids(const gateway& system) {
  const auto nodes = list_nodes(system);
  if (!nodes) {
    return std::unexpected(nodes.error());
  }
  std::vector<std::string> ids;
  for (const auto& node : nodes->nodes) {
    const auto members = system.members("actors", node);
    if (!members && members.error().http_status == 0) {
      return std::unexpected(members.error());
    }
    if (members) {
      for (const auto& actor : *members) {
        if (actor.id.starts_with("task_")) {
          ids.push_back(task_id_of(actor.id));
        }
      }
    }
  }
  return ids;
}

attempt<int> list_tasks(const gateway& system, const command_context& context) {
  const auto ids = task_ids(system);
  if (!ids) {
    return std::unexpected(ids.error());
  }
  json document = json::array();
  table rows({"TASK", "STATE", "END", "TIME", "NODE", "SCRIPT"});
  for (const auto& id : *ids) {
    const auto state = system.task_state(id);
    if (!state) {
      if (state.error().http_status == 0) {
        return std::unexpected(state.error());
      }
      continue; // removed since it was listed, or an actor that only has such a name
    }
    document.push_back(*state);
    rows.add(
      {id, field(*state, "state"), ending(*state), duration(*state), field(*state, "node"), field(*state, "script")});
  }
  if (context.is_json()) {
    context.print_json(json{{"tasks", document}});
  } else {
    context.print(rows.empty() ? std::string{"no tasks\n"} : rows.text(context.colour()));
  }
  return exit_ok;
}

attempt<int> show_task(const gateway& system, const std::string& id, const command_context& context) {
  const auto state = system.task_state(id);
  if (!state) {
    return std::unexpected(state.error());
  }
  if (context.is_json() || !state->is_object()) {
    context.print_json(*state);
    return exit_ok;
  }
  std::string text;
  for (const auto& [key, value] : state->items()) {
    std::string line = printable(key);
    line.resize(std::max<std::size_t>(line.size() + 1, 14), ' ');
    text += line + shown(value) + "\n";
  }
  context.print(text);
  return exit_ok;
}

attempt<int> done(const attempt<>& what, const std::string& sentence, const command_context& context) {
  if (!what) {
    return std::unexpected(what.error());
  }
  context.is_json() ? context.print_json(json{{"accepted", true}}) : context.print(sentence + "\n");
  return exit_ok;
}

} // namespace

attempt<int> execute(const task_options& options, command_context& context) {
  const auto system = context.connect();
  if (!system) {
    return std::unexpected(system.error());
  }
  const auto id = task_id_of(options.id);
  switch (options.action) {
  case task_action::show:
    return show_task(*system, id, context);
  case task_action::cancel:
    return done(system->cancel_task(id), id + " is being stopped", context);
  case task_action::remove:
    return done(system->remove_task(id), id + " is removed", context);
  case task_action::signal: {
    const auto signal = typed_value(options.signal);
    return signal ? done(system->signal_task(id, *signal), options.signal + " is sent", context)
                  : std::unexpected(signal.error());
  }
  case task_action::list:
    break;
  }
  return list_tasks(*system, context);
}

} // namespace troupe::cli
