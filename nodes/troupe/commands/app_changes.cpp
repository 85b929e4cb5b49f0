#include "nodes/troupe/commands/app_changes.hpp"

#include "nodes/troupe/table.hpp"
#include "nodes/troupe/typed_value.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace troupe::cli {

namespace {

attempt<int> ended(const attempt<std::string>& answer, const json& facts, const command_context& context) {
  if (!answer) {
    return std::unexpected(answer.error());
  }
  if (context.is_json()) {
    context.print_json(facts);
  }
  return exit_ok;
}

attempt<int> get(const gateway& system, const app_options& options, command_context& context) {
  auto content = system.application_call("GET", options.id, "/files/" + url_encoded(options.path));
  if (!content) {
    return std::unexpected(content.error());
  }
  if (options.file.empty() || options.file == "-") {
    context.print(*content);
    return exit_ok;
  }
  std::ofstream out(options.file, std::ios::binary | std::ios::trunc);
  if (!(out << *content).flush()) {
    return give_up(exit_usage, "cannot write " + options.file + ": " + std::strerror(errno));
  }
  return exit_ok;
}

attempt<json> object_of(const std::string& text, const char* what) {
  auto value = json::parse(text, nullptr, false);
  if (!value.is_object()) {
    return give_up(exit_usage, std::string{what} + " is a JSON object");
  }
  return value;
}

attempt<json> changes_of(const app_options& options) {
  json out = json::object();
  if (options.action == app_action::rename) {
    out["name"] = options.name;
  }
  if (options.static_folder) {
    out["static_folder"] = options.static_folder->empty() ? json(nullptr) : json(*options.static_folder);
  }
  if (options.is_public) {
    out["public"] = *options.is_public;
  }
  for (const auto& [key, text] : {std::pair{"params", &options.params}, std::pair{"handlers", &options.handlers}}) {
    if (*text) {
      auto value = object_of(**text, key);
      if (!value) {
        return value;
      }
      out[key] = std::move(*value);
    }
  }
  if (out.empty()) {
    return give_up(exit_usage, "say what to change: --static, --public, --private, --params or --handlers");
  }
  return out;
}

attempt<int> change(const gateway& system, const app_options& options, const command_context& context) {
  const auto changes = changes_of(options);
  if (!changes) {
    return std::unexpected(changes.error());
  }
  const auto answer = system.application_call("PATCH", options.id, "", changes->dump(-1, ' ', false, json::error_handler_t::replace));
  return ended(answer, answer ? json::parse(*answer, nullptr, false) : json{}, context);
}

attempt<int> show_handlers(const gateway& system, const app_options& options, command_context& context) {
  const auto answer = system.application_call("GET", options.id, "/handlers");
  if (!answer) {
    return std::unexpected(answer.error());
  }
  const auto facts = json::parse(*answer, nullptr, false);
  if (context.is_json()) {
    context.print_json(facts);
    return exit_ok;
  }
  table rows({"HANDLER", "SCRIPT", "MODE", "STATE", "TASK"});
  const auto handlers = part(facts, "handlers");
  for (const auto& [name, each] : handlers.items()) {
    rows.add({shown(json(name)), shown(part(each, "script")), shown(part(each, "mode")), shown(part(each, "state")),
              part(each, "task").is_string() ? shown(part(each, "task")) : "-"});
  }
  std::string text = rows.empty() ? std::string{"no web handlers\n"} : rows.text(context.colour());
  const auto log = part(facts, "log");
  for (const auto& each : log) {
    text += shown(part(each, "handler")) + " " + shown(part(each, "status")) + " " + shown(part(each, "reason")) + "\n";
  }
  context.print(text);
  return exit_ok;
}

} // namespace

attempt<int> change_application(const gateway& system, const app_options& options, command_context& context) {
  const auto file = "/files/" + url_encoded(options.path);
  const json about{{"id", options.id}, {"path", options.path}};
  switch (options.action) {
  case app_action::rename:
  case app_action::set:
    return change(system, options, context);
  case app_action::remove:
    return ended(system.application_call("DELETE", options.id, ""), {{"id", options.id}}, context);
  case app_action::get:
    return get(system, options, context);
  case app_action::move: {
    const json body{{"from", options.path}, {"to", options.to}};
    return ended(system.application_call("POST", options.id, "/move", body.dump(-1, ' ', false, json::error_handler_t::replace)),
                 body, context);
  }
  case app_action::remove_file:
    return ended(system.application_call("DELETE", options.id, file + (options.recursive ? "?recursive=true" : "")), about, context);
  case app_action::make_folder:
    return ended(system.application_call("PUT", options.id, file + "?type=folder"), about, context);
  case app_action::handlers:
    return show_handlers(system, options, context);
  default:
    return ended(system.application_call("POST", options.id, "/handlers/" + url_encoded(options.handler) + "/stop"),
                 {{"id", options.id}, {"handler", options.handler}}, context);
  }
}

} // namespace troupe::cli
