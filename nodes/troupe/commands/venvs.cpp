#include "nodes/troupe/answer_words.hpp"
#include "nodes/troupe/commands.hpp"
#include "nodes/troupe/table.hpp"
#include "nodes/troupe/typed_value.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace troupe::cli {

namespace {

constexpr auto builder = "venv_builder";
constexpr double look_timeout_s = 10;
constexpr std::chrono::milliseconds progress_interval{200};

std::string listed(const json& list, const char* between) {
  std::string text;
  for (const auto& one : list.is_array() ? list : json::array()) {
    text += (text.empty() ? "" : between) + shown(one);
  }
  return text;
}

/// Prints what the builder says while somebody waits for it.
class progress_printer {
public:
  progress_printer(const gateway& system, const command_context& context, std::string name)
    : system_(system), context_(context), name_(std::move(name)) {
    if (!context.is_json()) {
      thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
    }
  }

private:
  void watch(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any woken;
    std::unique_lock lock(mutex);
    while (!woken.wait_for(lock, stop, progress_interval, [&] { return stop.stop_requested(); })) {
      if (const auto answer = system_.ask(builder, "get_venv", {{"name", name_}}, look_timeout_s)) {
        print(part(*answer, "body"));
      }
    }
  }

  void print(const json& state) {
    const auto next = part(state, "progress_next");
    const auto lines = part(state, "progress");
    if (!next.is_number_unsigned() || !lines.is_array()) {
      return;
    }
    const auto total = next.get<std::size_t>();
    const auto news = std::min<std::size_t>(total > seen_ ? total - seen_ : 0, lines.size());
    for (std::size_t i = lines.size() - news; i < lines.size(); ++i) {
      context_.sink().err(shown(lines[i]) + "\n");
    }
    seen_ = std::max(seen_, total);
  }

  const gateway& system_;
  const command_context& context_;
  std::string name_;
  std::size_t seen_ = 0;
  std::jthread thread_;
};

attempt<json> ask_builder(const gateway& system, const char* command, const json& body, double timeout_s) {
  auto answer = system.ask(builder, command, body, timeout_s);
  if (!answer) {
    return std::unexpected(answer.error());
  }
  const auto said = answer->value("command", std::string{});
  const auto facts = part(*answer, "body");
  if (is_failure_answer(said) || said == "venv_is_absent") {
    std::string text = said == "venv_is_absent" ? "there is no environment " + shown(part(facts, "name"))
                                                : failure_text(*answer);
    for (const auto& line : part(facts, "lines")) {
      text += "\n  " + shown(line);
    }
    return give_up(exit_failure, std::move(text));
  }
  return facts;
}

int print_list(const json& facts, const command_context& context) {
  if (context.is_json()) {
    context.print_json(facts);
    return exit_ok;
  }
  table rows({"VENV", "STATE", "PYTHON", "USERS", "TOOL", "MISSING"});
  for (const auto& one : part(facts, "venvs")) {
    const auto phase = part(one, "phase");
    rows.add({shown(part(one, "name")), shown(part(one, "state")) + (phase.is_string() ? " (" + shown(phase) + ")" : ""),
              shown(part(one, "python_version")), std::to_string(part(one, "users").size()), shown(part(one, "tool")),
              listed(part(one, "missing"), " ")});
  }
  context.print(rows.empty() ? std::string{"no environments\n"} : rows.text(context.colour()));
  return exit_ok;
}

int print_state(const json& state, const command_context& context) {
  if (context.is_json() || !state.is_object()) {
    context.print_json(state);
    return exit_ok;
  }
  std::string text;
  for (const auto& [key, value] : state.items()) {
    if (key == "progress" || key == "progress_next" || key == "lines") {
      continue;
    }
    std::string line = printable(key);
    line.resize(std::max<std::size_t>(line.size() + 1, 16), ' ');
    text += line + (value.is_array() ? listed(value, " ") : shown(value)) + "\n";
  }
  for (const auto& line : part(state, "lines")) {
    text += "  " + shown(line) + "\n";
  }
  context.print(text);
  return exit_ok;
}

attempt<json> change(const gateway& system, const venv_options& options, const command_context& context) {
  const progress_printer progress(system, context, options.name);
  if (options.action == venv_action::create) {
    return ask_builder(system, "create_venv", {{"name", options.name}, {"clean", options.clean}}, options.timeout_s);
  }
  return ask_builder(system, options.latest ? "install_latest" : "install",
                     {{"name", options.name}, {"packages", options.packages}}, options.timeout_s);
}

int print_end(const json& facts, const std::string& text, const command_context& context) {
  context.is_json() ? context.print_json(facts) : context.print(text);
  return exit_ok;
}

std::string created_text(const json& facts) {
  std::string text = shown(part(facts, "name")) + (part(facts, "existed") == true ? " is there: " : " is made: ") +
                     shown(part(facts, "path")) + "\n";
  if (const auto missing = listed(part(facts, "missing"), " "); !missing.empty()) {
    text += "not installed, though the list of the default environment asks for it: " + missing + "\n";
  }
  return text;
}

} // namespace

attempt<int> execute(const venv_options& options, command_context& context) {
  const auto system = context.connect();
  if (!system) {
    return std::unexpected(system.error());
  }
  const json name{{"name", options.name}};
  const auto facts = [&]() -> attempt<json> {
    switch (options.action) {
    case venv_action::show:
      return ask_builder(*system, "get_venv", name, look_timeout_s);
    case venv_action::create:
    case venv_action::install:
      return change(*system, options, context);
    case venv_action::packages:
      return ask_builder(*system, options.names_only ? "list" : "list_spec", name, look_timeout_s);
    case venv_action::remove:
      return ask_builder(*system, "delete_venv", name, options.timeout_s);
    case venv_action::list:
      break;
    }
    return ask_builder(*system, "list_venvs", nullptr, look_timeout_s);
  }();
  if (!facts) {
    return std::unexpected(facts.error());
  }
  switch (options.action) {
  case venv_action::show:
    return print_state(*facts, context);
  case venv_action::create:
    return print_end(*facts, created_text(*facts), context);
  case venv_action::install:
  case venv_action::packages: {
    const auto lines = listed(part(*facts, "packages"), "\n");
    return print_end(*facts, lines.empty() ? "" : lines + "\n", context);
  }
  case venv_action::remove:
    return print_end(*facts, options.name + " is removed\n", context);
  case venv_action::list:
    break;
  }
  return print_list(*facts, context);
}

} // namespace troupe::cli
