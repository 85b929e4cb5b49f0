#pragma once

#include <runtime/door/door.hpp>
#include <runtime/observer/run_host.hpp>
#include <runtime/script_catalog/script_catalog.hpp>

#include <troupe/address.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace troupe {

/// Limits of runs that name none of their own; 0: none.
struct task_limits {
  double memory_mb = 0;
  double cpu_s = 0;
  double processes = 0;
  double open_files = 0;
  double disk_mb = 0;
  bool own_pid_namespace = true; ///< where the system allows it
};

/// What all tasks of a node share; handed in by the program, which keeps `runs` alive as long as there are tasks.
struct task_ports {
  run_host* runs = nullptr;
  door* actors = nullptr;                  ///< for what scripts ask of others
  const script_catalog* scripts = nullptr; ///< for the children of tasks
  address history;                         ///< who keeps the history of runs; null: nobody
  bool queues_runs = false;                ///< whether the history of runs gives places before a script may start
  std::string runs_folder;        ///< each run gets `<runs_folder>/<id>`
  std::string scripts_folder;     ///< where a relative script path is looked up; empty: such a path is refused
  std::string ompy_folder;        ///< on the PYTHONPATH of scripts, after their application; empty: none
  std::map<std::string, std::string> settings; ///< shown to scripts as environment variables
  std::function<std::map<std::string, std::string>()> settings_now; ///< those that are known late; empty: none
  std::string python = "python3"; ///< a path, or a name to look up on the script's PATH
  double timeout_s = 300;         ///< wall time of a script that names none; below 0: none
  bool use_venvs = false; ///< whether Python scripts that name no environment run in the default one
  std::string default_venv = "default";
  std::string venv_builder = "venv_builder"; ///< the actor that lends environments
  double venv_timeout_s = 300;               ///< how long it may take to make one
  double stop_grace_s = 5;
  double orphan_grace_s = 10;
  std::uint64_t spool_bytes = std::uint64_t{1} << 30;
  task_limits limits;
  std::optional<run_plan::owner> user; ///< whose processes scripts are; none: this process's user
  /// The node's environment, of which a script sees PATH, HOME, LANG, TZ and TMPDIR; none: this process's own.
  std::optional<std::map<std::string, std::string>> environment;
};

} // namespace troupe
