#include <runtime/observer/run_plan.hpp>

namespace troupe {

json to_json(const run_plan& plan) {
  return {{"id", plan.id},
          {"folder", plan.folder},
          {"argv", plan.argv},
          {"env", plan.env},
          {"cwd", plan.cwd},
          {"script", plan.script},
          {"stdin_open", plan.stdin_open},
          {"prelude", plan.prelude},
          {"timeout_ms", plan.timeout ? json(plan.timeout->count()) : json(nullptr)},
          {"stop_grace_ms", plan.stop_grace.count()},
          {"orphan_grace_ms", plan.orphan_grace.count()},
          {"spool_limit", plan.spool_limit}};
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
    if (!value.at("timeout_ms").is_null()) {
      plan.timeout = std::chrono::milliseconds{value.at("timeout_ms").get<std::int64_t>()};
    }
    plan.stop_grace = std::chrono::milliseconds{value.at("stop_grace_ms").get<std::int64_t>()};
    plan.orphan_grace = std::chrono::milliseconds{value.at("orphan_grace_ms").get<std::int64_t>()};
    plan.spool_limit = value.at("spool_limit").get<std::uint64_t>();
    if (plan.argv.empty() || plan.id.empty() || plan.folder.empty()) {
      return fail(error_code::bad_request, "a run plan needs an id, a folder and a command");
    }
    return plan;
  } catch (const json::exception& problem) {
    return fail(error_code::bad_request, std::string{"cannot read a run plan: "} + problem.what());
  }
}

} // namespace troupe
