#include <runtime/observer/run_plan.hpp>

namespace troupe {
namespace {

json or_null(const std::optional<std::uint64_t>& value) {
  return value ? json(*value) : json(nullptr);
}

json or_null(const std::optional<std::chrono::milliseconds>& value) {
  return value ? json(value->count()) : json(nullptr);
}

void take(const json& value, std::optional<std::uint64_t>& out) {
  if (!value.is_null()) {
    out = value.get<std::uint64_t>();
  }
}

void take(const json& value, std::optional<std::chrono::milliseconds>& out) {
  if (!value.is_null()) {
    out = std::chrono::milliseconds{value.get<std::int64_t>()};
  }
}

} // namespace

json to_json(const run_plan& plan) {
  return {{"id", plan.id},
          {"folder", plan.folder},
          {"argv", plan.argv},
          {"env", plan.env},
          {"cwd", plan.cwd},
          {"script", plan.script},
          {"stdin_open", plan.stdin_open},
          {"prelude", plan.prelude},
          {"timeout_ms", or_null(plan.timeout)},
          {"stop_grace_ms", plan.stop_grace.count()},
          {"orphan_grace_ms", plan.orphan_grace.count()},
          {"spool_limit", plan.spool_limit},
          {"keep_stdout", plan.keep_stdout},
          {"keep_stderr", plan.keep_stderr},
          {"memory_limit", or_null(plan.memory_limit)},
          {"process_limit", or_null(plan.process_limit)},
          {"cpu_limit_ms", or_null(plan.cpu_limit)},
          {"disk_limit", or_null(plan.disk_limit)},
          {"open_file_limit", or_null(plan.open_file_limit)},
          {"user", plan.user ? json{{"uid", plan.user->uid}, {"gid", plan.user->gid}, {"name", plan.user->name}} : json(nullptr)},
          {"own_pid_namespace", plan.own_pid_namespace},
          {"guard", plan.guard}};
}

result<run_plan> run_plan_from_json(const json& value) {
  try {
    run_plan plan;
    plan.id = value.at("id").get<std::string>();
    plan.folder = value.at("folder").get<std::string>();
    plan.argv = value.at("argv").get<std::vector<std::string>>();
    plan.env = value.at("env").get<std::map<std::string, std::string>>();
    plan.cwd = value.at("cwd").get<std::string>();
    plan.script = value.at("script").get<std::string>();
    plan.stdin_open = value.at("stdin_open").get<bool>();
    plan.prelude = value.at("prelude").get<std::vector<std::string>>();
    take(value.at("timeout_ms"), plan.timeout);
    plan.stop_grace = std::chrono::milliseconds{value.at("stop_grace_ms").get<std::int64_t>()};
    plan.orphan_grace = std::chrono::milliseconds{value.at("orphan_grace_ms").get<std::int64_t>()};
    plan.spool_limit = value.at("spool_limit").get<std::uint64_t>();
    plan.keep_stdout = value.at("keep_stdout").get<bool>();
    plan.keep_stderr = value.at("keep_stderr").get<bool>();
    take(value.at("memory_limit"), plan.memory_limit);
    take(value.at("process_limit"), plan.process_limit);
    take(value.at("cpu_limit_ms"), plan.cpu_limit);
    take(value.at("disk_limit"), plan.disk_limit);
    take(value.at("open_file_limit"), plan.open_file_limit);
    if (const auto& user = value.at("user"); !user.is_null()) {
      plan.user = {user.at("uid").get<std::uint32_t>(), user.at("gid").get<std::uint32_t>(), user.at("name").get<std::string>()};
    }
    plan.own_pid_namespace = value.at("own_pid_namespace").get<bool>();
    plan.guard = value.at("guard").get<std::string>();
    if (plan.argv.empty() || plan.id.empty() || plan.folder.empty()) {
      return fail(error_code::bad_request, "a run plan needs an id, a folder and a command");
    }
    return plan;
  } catch (const json::exception& problem) {
    return fail(error_code::bad_request, std::string{"cannot read a run plan: "} + problem.what());
  }
}

} // namespace troupe
