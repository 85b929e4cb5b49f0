#include "nodes/trouped/boot_plan_of.hpp"

namespace troupe {

result<boot_plan> boot_plan_of(const settings& config) {
  boot_plan plan;
  plan.host = config.host;
  plan.main_process = config.main_process;
  if (config.gateway.enabled) {
    const auto& door = config.gateway;
    plan.services.push_back(
      {"api", "web_face", "WebFace", {{"port", door.port}, {"host", door.host}, {"page_size", door.page_size}}});
  }
  if (config.bridge.port) {
    plan.services.push_back(
      {"bridge", "ws_bridge", "WsBridge", {{"port", *config.bridge.port}, {"host", config.bridge.host}}});
  }
  if (config.script_server.port) {
    const auto& scripts = config.script_server;
    plan.services.push_back(
      {"scripts", "script_server", "ScriptServer", {{"port", *scripts.port}, {"host", scripts.host}}});
  }
  plan.venv_builder = true;
  plan.applications = true;
  for (const auto& process : config.processes) {
    plan.processes.push_back({process.name.value_or(""), process.permanent, false, true});
  }
  for (const auto& group : config.groups) {
    auto added = plan.groups.add({group.name, parse_group_strategy(group.strategy).value_or(group_strategy::one_for_one),
                                  group.actors});
    if (!added) {
      return std::unexpected(added.error());
    }
  }
  for (const auto& actor : config.actors) {
    auto supervision = actor.supervision;
    if (const auto* group = plan.groups.of(actor.name)) {
      supervision = supervision.is_object() ? supervision : json::object();
      supervision["group"] = group->name;
      if (!supervision.contains("on_failure")) {
        supervision["on_failure"] = "restart"; // a group that nobody restarts in would be none
      }
    }
    plan.actors.push_back(
      {actor.name, actor.node.value_or(""), actor.class_desc, actor.params, actor.start, std::move(supervision)});
  }
  for (const auto& message : config.start) {
    auto recipient = address::from_json(message.recipient);
    if (!recipient) {
      return fail(error_code::bad_request, "start: " + message.recipient.dump() + " is no address");
    }
    boot_plan::planned_message planned;
    planned.ask = message.type == start_message::kind::ask;
    planned.what = request{recipient->is_null() ? address{plan.main_node()} : *recipient, message.command, message.body, {}, {}, {}};
    planned.what.timeout = seconds{message.timeout_s.value_or(10)};
    plan.messages.push_back(std::move(planned));
  }
  return plan;
}

} // namespace troupe
