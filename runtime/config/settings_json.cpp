#include "runtime/config/settings_json.hpp"

#include "runtime/config/schema_check.hpp"
#include "runtime/config/schema_text.hpp"

#include <algorithm>

namespace troupe {

namespace {

json paths_to_json(const std::vector<std::filesystem::path>& paths) {
  json list = json::array();
  for (const auto& path : paths) {
    list.push_back(path.string());
  }
  return list;
}

json to_json(const process_settings& of) {
  json out{{"restart", of.permanent ? "permanent" : "temporary"}};
  if (of.name) {
    out["name"] = *of.name;
  }
  return out;
}

json to_json(const actor_settings& of) {
  json out{{"name", of.name}, {"class_desc", of.class_desc}, {"start", of.start}};
  if (of.node) {
    out["node"] = *of.node;
  }
  if (of.params.is_object()) {
    out["params"] = of.params;
  }
  if (of.supervision.is_object()) {
    out["supervision"] = of.supervision;
  }
  return out;
}

json to_json(const group_settings& of) {
  return json{{"name", of.name}, {"strategy", of.strategy}, {"actors", of.actors}};
}

json to_json(const start_message& of) {
  json out{{"type", of.type == start_message::kind::ask ? "ask" : "send"},
           {"recipient", of.recipient},
           {"command", of.command},
           {"body", of.body}};
  if (of.timeout_s) {
    out["timeout"] = *of.timeout_s;
  }
  return out;
}

template <class List>
json list_to_json(const List& of) {
  json list = json::array();
  for (const auto& one : of) {
    list.push_back(to_json(one));
  }
  return list;
}

/// Moves a value that is there into the field.
template <class Field>
void take(const json& from, const char* key, Field& into) {
  if (const auto found = from.find(key); found != from.end()) {
    into = found->get<Field>();
  }
}

void take(const json& from, const char* key, std::filesystem::path& into) {
  if (const auto found = from.find(key); found != from.end()) {
    into = found->get<std::string>();
  }
}

template <class Inner>
void take(const json& from, const char* key, std::optional<Inner>& into) {
  if (const auto found = from.find(key); found != from.end()) {
    into = found->is_null() ? std::nullopt : std::optional<Inner>{found->get<Inner>()};
  }
}

void take_groups(const json& from, settings& out) {
  const auto group = [&](const char* key) { return from.value(key, json::object()); };
  const auto folders = group("folders");
  if (folders.contains("packages")) {
    const auto names = folders["packages"].get<std::vector<std::string>>();
    out.folders.packages.assign(names.begin(), names.end());
  }
  take(folders, "runs", out.folders.runs);
  take(folders, "scripts", out.folders.scripts);
  take(folders, "applications", out.folders.applications);
  take(folders, "venvs", out.folders.venvs);
  take(folders, "log", out.folders.log);
  take(folders, "run", out.folders.run);
  const auto limits = group("limits");
  take(limits, "message_bytes", out.limits.message_bytes);
  take(limits, "mailbox", out.limits.mailbox);
  take(limits, "link_queue_bytes", out.limits.link_queue_bytes);
  take(limits, "ask_timeout_s", out.limits.ask_timeout_s);
  take(limits, "dead_letters", out.limits.dead_letters);
  const auto tasks = group("tasks");
  take(tasks, "timeout_s", out.tasks.timeout_s);
  take(tasks, "memory_mb", out.tasks.memory_mb);
  take(tasks, "stop_grace_s", out.tasks.stop_grace_s);
  take(tasks, "spool_bytes", out.tasks.spool_bytes);
  take(tasks, "cpu_s", out.tasks.cpu_s);
  take(tasks, "processes", out.tasks.processes);
  take(tasks, "open_files", out.tasks.open_files);
  take(tasks, "disk_mb", out.tasks.disk_mb);
  take(tasks, "runs_at_once", out.tasks.runs_at_once);
  take(tasks, "queue", out.tasks.queue);
  take(tasks, "user", out.tasks.user);
  take(tasks, "pid_namespace", out.tasks.pid_namespace);
  take(tasks, "warm_interpreters", out.tasks.warm_interpreters);
  take(tasks, "warm_idle_s", out.tasks.warm_idle_s);
  const auto history = tasks.is_object() ? tasks.value("history", json::object()) : json::object();
  take(history, "max_age_days", out.tasks.history.max_age_days);
  take(history, "max_output_mb", out.tasks.history.max_output_mb);
  take(history, "max_runs", out.tasks.history.max_runs);
  take(history, "keep_actor_s", out.tasks.history.keep_actor_s);
  take(history, "max_actors", out.tasks.history.max_actors);
  const auto venvs = group("venvs");
  take(venvs, "use", out.venvs.use);
  take(venvs, "default_name", out.venvs.default_name);
  take(venvs, "clear_at_start", out.venvs.clear_at_start);
  take(venvs, "creation_timeout_s", out.venvs.creation_timeout_s);
  take(venvs, "wait_interval_s", out.venvs.wait_interval_s);
  take(venvs, "prepare_at_start", out.venvs.prepare_at_start);
  take(venvs, "requirements", out.venvs.requirements);
  take(venvs, "tool", out.venvs.tool);
  take(venvs, "uv", out.venvs.uv);
  take(venvs, "python", out.venvs.python);
  take(venvs, "index_url", out.venvs.index_url);
  take(venvs, "find_links", out.venvs.find_links);
  take(venvs, "offline", out.venvs.offline);
  const auto heartbeat = group("heartbeat");
  take(heartbeat, "interval_s", out.heartbeat.interval_s);
  take(heartbeat, "dead_after_s", out.heartbeat.dead_after_s);
  take(group("supervision"), "stuck_after_s", out.supervision.stuck_after_s);
  const auto restarts = group("process_restarts");
  take(restarts, "most", out.process_restarts.most);
  take(restarts, "window_s", out.process_restarts.window_s);
  take(restarts, "backoff_s", out.process_restarts.backoff_s);
  take(restarts, "max_backoff_s", out.process_restarts.max_backoff_s);
  const auto gateway = group("gateway");
  take(gateway, "enabled", out.gateway.enabled);
  take(gateway, "host", out.gateway.host);
  take(gateway, "port", out.gateway.port);
  take(gateway, "page_size", out.gateway.page_size);
  const auto bridge = group("bridge");
  take(bridge, "host", out.bridge.host);
  take(bridge, "port", out.bridge.port);
  const auto scripts = group("script_server");
  take(scripts, "host", out.script_server.host);
  take(scripts, "port", out.script_server.port);
  take(scripts, "timeout_s", out.script_server.timeout_s);
  take(scripts, "max_concurrent", out.script_server.max_concurrent);
  take(scripts, "queue", out.script_server.queue);
  take(scripts, "cache_mb", out.script_server.cache_mb);
  take(scripts, "cache_ttl_s", out.script_server.cache_ttl_s);
  take(scripts, "venv", out.script_server.venv);
  take(scripts, "warm", out.script_server.warm);
  const auto log = group("log");
  take(log, "level", out.log.level);
  take(log, "to_stderr", out.log.to_stderr);
  take(log, "async", out.log.async);
  take(log, "file_bytes", out.log.file_bytes);
  take(log, "files", out.log.files);
}

void take_lists(const json& from, settings& out) {
  for (const auto& one : from.value("processes", json::array())) {
    auto& process = out.processes.emplace_back();
    take(one, "name", process.name);
    process.permanent = one.value("restart", "permanent") != "temporary";
  }
  for (const auto& one : from.value("actors", json::array())) {
    auto& actor = out.actors.emplace_back();
    take(one, "name", actor.name);
    take(one, "node", actor.node);
    take(one, "class_desc", actor.class_desc);
    take(one, "params", actor.params);
    take(one, "start", actor.start);
    take(one, "supervision", actor.supervision);
  }
  for (const auto& one : from.value("groups", json::array())) {
    auto& group = out.groups.emplace_back();
    take(one, "name", group.name);
    take(one, "strategy", group.strategy);
    take(one, "actors", group.actors);
  }
  for (const auto& one : from.value("start", json::array())) {
    auto& message = out.start.emplace_back();
    message.type = one.value("type", "ask") == "send" ? start_message::kind::send : start_message::kind::ask;
    take(one, "recipient", message.recipient);
    take(one, "command", message.command);
    take(one, "body", message.body);
    take(one, "timeout", message.timeout_s);
  }
}

} // namespace

settings settings_from_json(const json& checked) {
  settings out;
  take(checked, "system", out.system);
  take(checked, "host", out.host);
  take(checked, "main_process", out.main_process);
  take(checked, "state_dir", out.state_dir);
  take(checked, "python", out.python);
  take(checked, "exit_hook_s", out.exit_hook_s);
  take(checked, "orphan_grace_s", out.orphan_grace_s);
  if (checked.contains("test")) {
    take(checked["test"], "faults", out.test_faults);
  }
  take_groups(checked, out);
  take_lists(checked, out);
  return out;
}

json settings_to_json(const settings& of) {
  return json{
    {"system", of.system},
    {"host", of.host},
    {"main_process", of.main_process},
    {"state_dir", of.state_dir.string()},
    {"python", of.python},
    {"folders",
     {{"packages", paths_to_json(of.folders.packages)},
      {"runs", of.folders.runs.string()},
      {"scripts", of.folders.scripts.string()},
      {"applications", of.folders.applications.string()},
      {"venvs", of.folders.venvs.string()},
      {"log", of.folders.log.string()},
      {"run", of.folders.run.string()}}},
    {"limits",
     {{"message_bytes", of.limits.message_bytes},
      {"mailbox", of.limits.mailbox},
      {"link_queue_bytes", of.limits.link_queue_bytes},
      {"ask_timeout_s", of.limits.ask_timeout_s},
      {"dead_letters", of.limits.dead_letters}}},
    {"tasks",
     {{"timeout_s", of.tasks.timeout_s},
      {"memory_mb", of.tasks.memory_mb},
      {"stop_grace_s", of.tasks.stop_grace_s},
      {"spool_bytes", of.tasks.spool_bytes},
      {"cpu_s", of.tasks.cpu_s},
      {"processes", of.tasks.processes},
      {"open_files", of.tasks.open_files},
      {"disk_mb", of.tasks.disk_mb},
      {"runs_at_once", of.tasks.runs_at_once},
      {"queue", of.tasks.queue},
      {"user", of.tasks.user},
      {"history",
       {{"max_age_days", of.tasks.history.max_age_days},
        {"max_output_mb", of.tasks.history.max_output_mb},
        {"max_runs", of.tasks.history.max_runs},
        {"keep_actor_s", of.tasks.history.keep_actor_s},
        {"max_actors", of.tasks.history.max_actors}}},
      {"warm_interpreters", of.tasks.warm_interpreters},
      {"warm_idle_s", of.tasks.warm_idle_s},
      {"pid_namespace", of.tasks.pid_namespace}}},
    {"venvs",
     {{"use", of.venvs.use},
      {"default_name", of.venvs.default_name},
      {"clear_at_start", of.venvs.clear_at_start},
      {"creation_timeout_s", of.venvs.creation_timeout_s},
      {"wait_interval_s", of.venvs.wait_interval_s},
      {"prepare_at_start", of.venvs.prepare_at_start},
      {"requirements", of.venvs.requirements.string()},
      {"tool", of.venvs.tool},
      {"uv", of.venvs.uv},
      {"python", of.venvs.python},
      {"index_url", of.venvs.index_url},
      {"find_links", of.venvs.find_links.string()},
      {"offline", of.venvs.offline}}},
    {"heartbeat", {{"interval_s", of.heartbeat.interval_s}, {"dead_after_s", of.heartbeat.dead_after_s}}},
    {"supervision", {{"stuck_after_s", of.supervision.stuck_after_s}}},
    {"process_restarts",
     {{"most", of.process_restarts.most},
      {"window_s", of.process_restarts.window_s},
      {"backoff_s", of.process_restarts.backoff_s},
      {"max_backoff_s", of.process_restarts.max_backoff_s}}},
    {"gateway",
     {{"enabled", of.gateway.enabled},
      {"host", of.gateway.host},
      {"port", of.gateway.port},
      {"page_size", of.gateway.page_size}}},
    {"bridge", {{"host", of.bridge.host}, {"port", of.bridge.port ? json(*of.bridge.port) : json(nullptr)}}},
    {"script_server",
     {{"host", of.script_server.host},
      {"port", of.script_server.port ? json(*of.script_server.port) : json(nullptr)},
      {"timeout_s", of.script_server.timeout_s},
      {"max_concurrent", of.script_server.max_concurrent},
      {"queue", of.script_server.queue},
      {"cache_mb", of.script_server.cache_mb},
      {"cache_ttl_s", of.script_server.cache_ttl_s},
      {"venv", of.script_server.venv},
      {"warm", of.script_server.warm}}},
    {"log",
     {{"level", of.log.level},
      {"to_stderr", of.log.to_stderr},
      {"async", of.log.async},
      {"file_bytes", of.log.file_bytes},
      {"files", of.log.files}}},
    {"exit_hook_s", of.exit_hook_s},
    {"orphan_grace_s", of.orphan_grace_s},
    {"test", {{"faults", of.test_faults}}},
    {"processes", list_to_json(of.processes)},
    {"actors", list_to_json(of.actors)},
    {"groups", list_to_json(of.groups)},
    {"start", list_to_json(of.start)},
  };
}

std::vector<setting_line> list_settings(const settings& of) {
  const auto values = settings_to_json(of);
  std::vector<setting_line> lines;
  for (const auto& leaf : schema_leaves(settings_schema())) {
    auto pointer = "/" + leaf.path;
    std::ranges::replace(pointer, '.', '/');
    const auto origin = of.origins.find(leaf.path);
    lines.push_back({leaf.path, values.value(json::json_pointer(pointer), json()),
                     origin == of.origins.end() ? "default" : origin->second});
  }
  return lines;
}

const json& settings_schema() {
  // Never freed: other static objects may still read it while the program ends.
  static const auto* schema = new json(json::parse(schema_text()));
  return *schema;
}

} // namespace troupe
