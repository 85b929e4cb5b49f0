#include <actors/task/script_plan.hpp>

#include <runtime/text_json/text_json.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

namespace troupe {
namespace {

constexpr std::array kept_variables{"PATH", "HOME", "LANG", "TZ", "TMPDIR"};

std::chrono::milliseconds to_ms(double seconds) {
  return std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)};
}

std::string extension_of(const std::string& path) {
  const auto name = path.substr(path.rfind('/') + 1);
  const auto dot = name.rfind('.');
  return dot == std::string::npos || dot == 0 ? "" : name.substr(dot);
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : slash == 0 ? "/" : path.substr(0, slash);
}

/// The path below `folder`, or the whole one if it is not below.
std::string relative_to(const std::string& folder, const std::string& path) {
  const auto prefix = folder == "/" ? folder : folder + "/";
  return !folder.empty() && path.starts_with(prefix) ? path.substr(prefix.size()) : path;
}

/// Modules of the script's own come first, then its application's, then ompy.
void add_import_path(run_plan& plan, const std::string& application, const std::string& ompy) {
  auto& path = plan.env["PYTHONPATH"];
  for (const auto& folder : {application, ompy}) {
    if (!folder.empty()) {
      path += (path.empty() ? "" : ":") + folder;
    }
  }
  if (path.empty()) {
    plan.env.erase("PYTHONPATH");
  }
}

std::map<std::string, std::string> base_environment(const task_ports& ports) {
  std::map<std::string, std::string> out;
  for (const char* name : kept_variables) {
    if (ports.environment) {
      if (const auto found = ports.environment->find(name); found != ports.environment->end()) {
        out.insert(*found);
      }
    } else if (const char* value = std::getenv(name)) {
      out[name] = value;
    }
  }
  out.try_emplace("PATH", "/usr/local/bin:/usr/bin:/bin");
  out.insert(ports.settings.begin(), ports.settings.end());
  if (ports.settings_now) {
    out.merge(ports.settings_now());
  }
  out["PYTHONUNBUFFERED"] = "1"; // into a pipe Python would keep its output back until 8 KiB are full
  return out;
}

result<std::vector<std::string>> command_line_of(const std::string& script, const task_ports& ports) {
  const auto extension = extension_of(script);
  if (extension == ".py" || extension == ".py3") {
    return std::vector<std::string>{ports.python, script};
  }
  if (extension == ".sh") {
    return std::vector<std::string>{"/bin/sh", script};
  }
  return fail(error_code::bad_request, "cannot run " + script +
                                         ": its name must end in .py, .py3 or .sh (anything else "
                                         "can be run with `command`)");
}

/// What holds of a wish and a default; below 0, and a default of 0: nothing.
std::optional<double> limit_of(const std::optional<double>& wish, double otherwise) {
  const auto value = wish.value_or(otherwise == 0 ? -1 : otherwise);
  return value < 0 ? std::nullopt : std::optional{value};
}

std::optional<std::uint64_t> count_of(const std::optional<double>& limit, double unit = 1) {
  return limit ? std::optional{std::max<std::uint64_t>(static_cast<std::uint64_t>(*limit * unit), 1)} : std::nullopt;
}

void set_limits(run_plan& plan, const start_request& wish, const task_ports& ports) {
  constexpr double mb = 1 << 20;
  const auto& defaults = ports.limits;
  if (const auto timeout = wish.timeout_s.value_or(ports.timeout_s); timeout >= 0) {
    plan.timeout = std::max(to_ms(timeout), std::chrono::milliseconds{1});
  }
  if (const auto cpu = limit_of(wish.cpu_s, defaults.cpu_s)) {
    plan.cpu_limit = std::max(to_ms(*cpu), std::chrono::milliseconds{1});
  }
  plan.memory_limit = count_of(limit_of(wish.memory_mb, defaults.memory_mb), mb);
  plan.process_limit = count_of(limit_of(wish.processes, defaults.processes));
  plan.open_file_limit = count_of(limit_of(wish.open_files, defaults.open_files));
  plan.disk_limit = count_of(limit_of(wish.disk_mb, defaults.disk_mb), mb);
  plan.own_pid_namespace = defaults.own_pid_namespace;
  plan.keep_stdout = wish.keep_stdout;
  plan.keep_stderr = wish.keep_stderr;
}

} // namespace

std::string application_of(const start_request& wish, const std::string& script) {
  return wish.application.empty() ? folder_of(script) : wish.application;
}

result<run_plan> make_script_plan(const start_request& wish, const task_ports& ports, const std::string& id) {
  run_plan plan;
  plan.id = id;
  plan.folder = folder_of_run(ports, id);
  plan.argv = wish.command;
  if (!wish.script.empty()) {
    plan.script = wish.script;
    if (wish.script.front() != '/') {
      if (ports.scripts_folder.empty()) {
        return fail(error_code::bad_request, "cannot run " + wish.script + ": its path must begin with /");
      }
      plan.script = ports.scripts_folder + "/" + wish.script;
    }
    auto line = command_line_of(plan.script, ports);
    if (!line) {
      return std::unexpected(line.error());
    }
    plan.argv = std::move(*line);
  }
  plan.argv.insert(plan.argv.end(), wish.args.begin(), wish.args.end());
  plan.cwd = wish.cwd;
  const auto application = application_of(wish, plan.script);
  const auto params = dump_text_json({{"pid", id},
                                      {"parentPid", wish.parent.empty() ? json(nullptr) : json(wish.parent)},
                                      {"applicationPath", application},
                                      {"scriptPath", relative_to(application, plan.script)},
                                      {"scriptParams", wish.params},
                                      {"outputPath", work_folder_of(plan.folder)}});
  if (!params) {
    return fail(error_code::bad_request, "cannot pass `params` on: " + params.error().text);
  }
  plan.env = base_environment(ports);
  plan.env["TASK_PARAMS"] = *params;
  if ((plan.user = ports.user)) {
    plan.env["HOME"] = work_folder_of(plan.folder); // this process's own is of another user
  }
  for (const auto& [name, value] : wish.env) {
    plan.env[name] = value;
  }
  add_import_path(plan, application, ports.ompy_folder);
  plan.stdin_open = wish.stdin_open;
  plan.warm = wish.warm;
  set_limits(plan, wish, ports);
  plan.stop_grace = to_ms(ports.stop_grace_s);
  plan.orphan_grace = to_ms(ports.orphan_grace_s);
  plan.spool_limit = ports.spool_bytes;
  return plan;
}

} // namespace troupe
