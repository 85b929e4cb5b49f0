#include "nodes/troupe/commands.hpp"
#include "nodes/troupe/script_run.hpp"
#include "nodes/troupe/stdin_pump.hpp"
#include "nodes/troupe/typed_value.hpp"

#include <unistd.h>

namespace troupe::cli {

namespace {

namespace fs = std::filesystem;

attempt<std::string> find_script(const std::string& typed) {
  std::error_code failed;
  const auto path = fs::absolute(typed, failed).lexically_normal();
  if (!fs::exists(path, failed)) {
    return give_up(exit_usage, "there is no script " + path.string());
  }
  if (!fs::is_regular_file(path, failed)) {
    return give_up(exit_usage, path.string() + " is no file that can be run");
  }
  return path.string();
}

attempt<json> environment_of(const std::vector<std::string>& pairs) {
  json values = json::object();
  for (const auto& pair : pairs) {
    const auto split = pair.find('=');
    if (split == 0 || split == std::string::npos) {
      return give_up(exit_usage, "--env takes NAME=VALUE, not " + pair);
    }
    values[pair.substr(0, split)] = pair.substr(split + 1);
  }
  return values;
}

/// The body of `POST /api/v1/tasks`; for a script of an application its address says which it is.
attempt<json> task_of(const run_options& options) {
  const auto script = options.application.empty() ? find_script(options.script) : attempt<std::string>{};
  if (!script) {
    return std::unexpected(script.error());
  }
  const auto variables = environment_of(options.environment);
  if (!variables) {
    return std::unexpected(variables.error());
  }
  json task{{"args", options.args}, {"stdin", stdin_pump::is_worth_reading(STDIN_FILENO) ? "open" : "closed"}};
  if (!script->empty()) {
    task["script"] = *script;
  }
  if (!options.params.empty()) {
    task["params"] = json::parse(options.params, nullptr, false);
    if (!task["params"].is_object()) {
      return give_up(exit_usage, "--params takes a JSON object like '{\"rows\": 10}', not " + options.params);
    }
  }
  if (!options.venv.empty()) {
    task["venv"] = options.venv;
  }
  if (options.clean_venv) {
    task["clean_venv"] = true;
  }
  if (options.warm) {
    task["warm"] = true;
  }
  if (!options.node.empty()) {
    task["node"] = options.node;
  }
  if (options.memory_limit_mb) {
    task["memory_limit"] = *options.memory_limit_mb;
  }
  if (options.timeout_s) {
    task["timeout"] = seconds_value(*options.timeout_s);
  }
  if (!variables->empty()) {
    task["env"] = *variables;
  }
  if (!options.working_dir.empty()) {
    std::error_code failed;
    task["cwd"] = fs::absolute(options.working_dir, failed).lexically_normal().string();
  }
  return task;
}

} // namespace

attempt<int> execute(const run_options& options, command_context& context) {
  const auto system = context.connect();
  if (!system) {
    return std::unexpected(system.error());
  }
  const auto task = task_of(options);
  if (!task) {
    return std::unexpected(task.error());
  }
  script_run run(*system, context);
  return options.application.empty() ? run.execute(*task)
                                     : run.execute(*task, application_run_path(options.application, options.script));
}

} // namespace troupe::cli
