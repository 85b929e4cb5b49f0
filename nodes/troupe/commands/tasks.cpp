#include "nodes/troupe/commands.hpp"
#include "nodes/troupe/table.hpp"
#include "nodes/troupe/typed_value.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::cli {

namespace {

std::string field(const json& state, const char* key) {
  return state.is_object() ? shown(state.value(key, json{})) : "?";
}

/// With its place if it waits for its turn.
std::string state_of(const json& state) {
  const auto place = state.is_object() ? state.value("place", json{}) : json{};
  return field(state, "state") + (place.is_number() ? " (" + shown(place) + ")" : "");
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

/// The script, or the command line of a task without one.
std::string what_runs(const json& state) {
  return state.contains("line") ? field(state, "line") : field(state, "script");
}

/// A time in UTC as it is, `2h` as the time two hours ago.
attempt<std::string> since_of(const std::string& text) {
  if (text.find('-') != std::string::npos) {
    return text;
  }
  unsigned long count = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
  const auto unit = std::string_view{text}.substr(static_cast<std::size_t>(end - text.data()));
  const long seconds = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3'600 : unit == "d" ? 86'400 : 0;
  if (problem != std::errc{} || seconds == 0 || count > 1'000'000) {
    return give_up(exit_usage, "--since takes a time in UTC like 2026-01-31T12:00, or how long ago: 90s, 15m, 2h, 7d; not `" + text + "`");
  }
  const std::time_t when = std::time(nullptr) - static_cast<std::time_t>(count) * seconds;
  std::tm parts{};
  ::gmtime_r(&when, &parts);
  char out[32];
  return std::string(out, std::strftime(out, sizeof out, "%Y-%m-%dT%H:%M:%S", &parts));
}

attempt<int> list_tasks(const gateway& system, const task_options& options, const command_context& context) {
  std::vector<std::pair<std::string, std::string>> query{{"limit", std::to_string(options.limit)}};
  if (!options.state.empty()) {
    query.emplace_back("state", options.state);
  }
  if (!options.script.empty()) {
    query.emplace_back("script", options.script);
  }
  if (!options.since.empty()) {
    const auto since = since_of(options.since);
    if (!since) {
      return std::unexpected(since.error());
    }
    query.emplace_back("since", *since);
  }
  if (options.after != 0) {
    query.emplace_back("after", std::to_string(options.after));
  }
  const auto page = system.list_tasks(query);
  if (!page) {
    return std::unexpected(page.error());
  }
  if (context.is_json() || !page->contains("tasks")) {
    context.print_json(*page);
    return exit_ok;
  }
  table rows({"TASK", "STATE", "END", "TIME", "ACCEPTED", "NODE", "SCRIPT"});
  const auto& tasks = page->at("tasks");
  for (const auto& one : tasks) {
    rows.add({field(one, "id"), state_of(one), ending(one), duration(one), field(one, "accepted_at"), field(one, "node"),
              what_runs(one)});
  }
  context.print(rows.empty() ? std::string{"no tasks\n"} : rows.text(context.colour()));
  if (const auto queue = page->value("queue", json{}); queue.is_object() && queue.value("waiting", 0) > 0) {
    context.complain(field(queue, "running") + " of " + field(queue, "limit") + " runs at once are running, " +
                     field(queue, "waiting") + " wait for their turn");
  }
  if (const auto next = page->value("next", json{}); !next.is_null()) {
    context.complain("there are more; go on with --after " + shown(next));
  }
  return exit_ok;
}

void add_branch(const json& task, const std::string& indent, std::string& text) {
  text += indent + field(task, "id") + "  " + state_of(task) + "  " + ending(task) + "  " + duration(task) + "  " +
          what_runs(task) + "\n";
  const auto children = task.value("children", json::array());
  for (const auto& child : children) {
    add_branch(child, indent + "  ", text);
  }
}

attempt<int> show_tree(const gateway& system, const std::string& id, const command_context& context) {
  const auto tree = system.task_tree(id);
  if (!tree) {
    return std::unexpected(tree.error());
  }
  if (context.is_json()) {
    context.print_json(*tree);
    return exit_ok;
  }
  std::string text;
  add_branch(*tree, "", text);
  context.print(text);
  return exit_ok;
}

attempt<int> rerun_task(const gateway& system, const std::string& id, const command_context& context) {
  const auto made = system.rerun_task(id);
  if (!made) {
    return std::unexpected(made.error());
  }
  context.is_json() ? context.print_json(*made) : context.print(field(*made, "id") + "\n");
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

attempt<json> value_of(const std::string& text) {
  const auto read = text == "-" ? std::string{std::istreambuf_iterator<char>{std::cin}, {}} : text;
  json value = json::parse(read, nullptr, false);
  return value.is_discarded() ? give_up(exit_usage, "this is not JSON: " + printable(read.substr(0, 200))) : attempt<json>{std::move(value)};
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
  case task_action::tree:
    return show_tree(*system, id, context);
  case task_action::rerun:
    return rerun_task(*system, id, context);
  case task_action::cancel:
    return done(system->cancel_task(id), id + " is being stopped", context);
  case task_action::remove:
    return done(system->remove_task(id), id + " is removed", context);
  case task_action::send: {
    const auto value = value_of(options.data);
    return value ? done(system->send_json(id, *value), "the value is sent to " + id, context) : std::unexpected(value.error());
  }
  case task_action::signal: {
    const auto signal = typed_value(options.signal);
    return signal ? done(system->signal_task(id, *signal), options.signal + " is sent", context)
                  : std::unexpected(signal.error());
  }
  case task_action::list:
    break;
  }
  return list_tasks(*system, options, context);
}

} // namespace troupe::cli
