#pragma once

#include <runtime/observer/run_plan.hpp>
#include <runtime/process/unique_fd.hpp>

#include <string>
#include <vector>

#include <sys/types.h>

namespace troupe {

/// The script's process and the observer's ends of its pipes (non-blocking).
struct script_process {
  pid_t pid = -1;
  unique_fd in; ///< only with `stdin_open`
  unique_fd out;
  unique_fd err;
};

/// Where the script's process is put before it becomes the script.
struct script_place {
  std::vector<int> doors;      ///< of `resource_guard`
  bool has_namespace = false;  ///< it is born in a PID namespace of its own
  bool has_memory_net = false; ///< nobody but polling holds its memory limit: a single process may not run far past it
};

/// Starts the script in a session of its own, with descriptors 0 to 2 and no others, and so that it is killed when this
/// observer dies. The error says what could not be started and why. The caller is single-threaded: a parent-death
/// signal comes from the thread that forked.
result<script_process> start_script(const run_plan& plan, const std::string& work_folder, const script_place& where);

/// `NAME=value` of all that the script sees, its marks too.
std::vector<std::string> environment_of(const run_plan& plan);

/// The observer's ends do not block from now on.
void read_without_waiting(script_process& script);

} // namespace troupe
