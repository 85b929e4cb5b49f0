#include "nodes/troupe/health.hpp"

#include <string_view>
#include <utility>

namespace troupe::cli {

namespace {

finding good(std::string what, std::string detail) {
  return {std::move(what), health::good, std::move(detail), {}};
}

/// Unix socket addresses end at 107 bytes, and the sockets need names below their folder.
constexpr std::size_t max_socket_folder = 80;

void judge_programs(const machine_facts& facts, std::vector<finding>& found) {
  for (const auto& program : facts.programs) {
    if (!program.is_there) {
      found.push_back({"program " + program.name, health::bad, "not in " + facts.program_dir,
                       "install the programs of one build into one folder"});
    } else if (!program.version.empty() && program.version.find(facts.own_version) == std::string::npos) {
      found.push_back({"program " + program.name, health::bad,
                       "is version " + program.version + ", troupe is " + facts.own_version,
                       "install the programs of one build into one folder"});
    } else {
      found.push_back(good("program " + program.name, program.version.empty() ? "there" : program.version));
    }
  }
}

void judge_python(const machine_facts& facts, std::vector<finding>& found) {
  if (facts.python_version.empty()) {
    found.push_back({"python", health::warning, facts.python + " does not run",
                     "Python scripts need it: apt-get install python3, or name another one in the config (python)"});
  } else {
    found.push_back(good("python", facts.python_version));
  }
}

void judge_uv(const machine_facts& facts, std::vector<finding>& found) {
  if (!facts.uv_version.empty()) {
    found.push_back(good("uv", facts.uv_version + ", makes virtual environments"));
  } else if (facts.needs_uv) {
    found.push_back({"uv", health::bad, facts.uv + " does not run, and venvs.tool names it",
                     "install uv, set venvs.uv to its path, or set venvs.tool to auto"});
  } else {
    found.push_back({"uv", health::warning, facts.uv + " is not found; python3 -m venv and pip make environments, which takes "
                                                       "seconds instead of milliseconds",
                     "install uv (./bootstrap does), or set venvs.uv to its path"});
  }
}

void judge_run_user(const machine_facts& facts, std::vector<finding>& found) {
  if (facts.run_user_is_root) {
    found.push_back({"user of runs", health::warning, "root: a script may do on this machine whatever it likes",
                     "name another user in the config (tasks.user)"});
  } else {
    found.push_back(good("user of runs", facts.run_user));
  }
}

void judge_folders(const machine_facts& facts, std::vector<finding>& found) {
  if (!facts.config_problem.empty()) {
    found.push_back({"config", health::bad, facts.config_problem, "`troupe config check` says what is wrong in full"});
  } else {
    found.push_back(good("config", "right"));
  }
  if (!facts.state_problem.empty()) {
    found.push_back({"state folder", health::bad, facts.state_dir + ": " + facts.state_problem,
                     "make it writable for you, or choose another one with --state-dir or TROUPE_STATE_DIR"});
  } else {
    found.push_back(good("state folder", facts.state_dir));
  }
  if (facts.socket_folder_length > max_socket_folder) {
    found.push_back({"socket folder", health::warning, "its path is too long for unix sockets; a short one is used",
                     "nothing, unless /tmp is not writable; then set folders.run in the config"});
  }
}

void judge_ports(const machine_facts& facts, std::vector<finding>& found) {
  for (const auto& port : facts.ports) {
    const auto what = "port " + std::to_string(port.port);
    if (port.is_free) {
      found.push_back(good(what, "free for the " + port.purpose));
    } else if (facts.daemon_lives) {
      found.push_back(good(what, "in use, the system is running"));
    } else {
      found.push_back({what, health::bad, "in use by another program, the " + port.purpose + " needs it",
                       "end that program (`ss -ltnp` shows it), or choose another port in the config"});
    }
  }
}

/// Which limits of a run hold on this machine, and by what.
void judge_limits(const machine_facts& facts, std::vector<finding>& found) {
  const bool by_kernel = facts.limit_means.starts_with("cgroup");
  if (by_kernel) {
    found.push_back(good("memory limit", "held by the kernel for all processes of a run (" + facts.limit_means + ")"));
    found.push_back(good("process limit", "held by the kernel: a run that has enough gets no more (" + facts.limit_means + ")"));
  } else {
    const std::string why = facts.cgroup_version == 0  ? "no cgroups are mounted"
                            : !facts.cgroup_writable ? "the cgroups are not writable for this user"
                                                     : "the cgroups have no memory controller for this process";
    const std::string advice = facts.cgroup_version == 0
                                 ? "mount cgroup v2"
                                 : "delegate a cgroup with the controllers memory and pids (systemd: Delegate=yes), or run "
                                   "as root";
    found.push_back({"memory limit", health::warning,
                     why + ": a run's processes are looked at each 10 to 50 ms, a quick one may pass its limit for that "
                           "long, and files in shared memory are not counted",
                     advice + ", so that the kernel holds it"});
    found.push_back({"process limit", health::warning, why + ": a run that has too many processes is stopped at the next look",
                     advice + ", so that the kernel holds it"});
  }
  found.push_back(good("time limits", "wall time to some ms; processor time of all processes, looked at 10 times a second"));
  found.push_back(good("open files", "held by the kernel for each process"));
  found.push_back(good("disk limit", "no file may be larger (kernel); the whole work folder is looked at twice a second"));
  found.push_back(good("output limit", "held by a run's guard: what is above is not kept, and the cut is marked"));
}

void judge_isolation(const machine_facts& facts, std::vector<finding>& found) {
  if (facts.has_user_namespaces) {
    found.push_back(good("namespaces", "a run can have processes of its own; nothing of it can outlive it"));
  } else {
    found.push_back({"namespaces", health::warning, "this user may not make them",
                     "allow them (sysctl kernel.unprivileged_userns_clone=1), else a script that is killed together "
                     "with its guard may leave processes until the next start"});
  }
  judge_run_user(facts, found);
  judge_limits(facts, found);
  if (!facts.has_pidfd) {
    found.push_back({"kernel", health::bad, "it has no pidfd", "use Linux 5.4 or newer"});
  }
}

void judge_system(const machine_facts& facts, std::vector<finding>& found) {
  if (!facts.ready_pid) {
    found.push_back(good("system", "not running; start it with: troupe up"));
  } else if (!facts.daemon_lives) {
    found.push_back({"system", health::warning,
                     "ready.json names process " + std::to_string(*facts.ready_pid) + ", which is gone",
                     "it ended without an orderly end; `troupe logs` may tell why, `troupe up` starts it again"});
  } else if (!facts.system_problem.empty()) {
    found.push_back({"system", health::bad,
                     "process " + std::to_string(*facts.ready_pid) + " lives, but: " + facts.system_problem,
                     "`troupe down` ends it, by force if it must"});
  } else if (facts.system_version != facts.own_version) {
    found.push_back({"system", health::warning,
                     "the running one is version " + facts.system_version + ", troupe is " + facts.own_version,
                     "start it anew: troupe down, then troupe up"});
  } else {
    found.push_back(good("system", "running, process " + std::to_string(*facts.ready_pid)));
  }
}

} // namespace

std::vector<finding> judge_health(const machine_facts& facts) {
  std::vector<finding> found;
  judge_programs(facts, found);
  judge_python(facts, found);
  judge_uv(facts, found);
  judge_folders(facts, found);
  judge_ports(facts, found);
  judge_isolation(facts, found);
  judge_system(facts, found);
  return found;
}

} // namespace troupe::cli
