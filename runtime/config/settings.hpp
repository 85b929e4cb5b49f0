#pragma once

#include <troupe/json.hpp>
#include <troupe/result.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// Folders of a system; all absolute after `load_settings`, which also replaces the variables of the defaults. Nothing
/// here is created by the loader.
struct folder_settings {
  /// Searched in this order; one that is missing is skipped.
  std::vector<std::filesystem::path> packages{"${program_dir}/../packages", "${program_dir}/../lib/troupe/packages",
                                              "${state_dir}/packages"};
  std::filesystem::path runs = "${state_dir}/runs";       ///< one folder per run
  std::filesystem::path scripts = "${state_dir}/scripts"; ///< where a relative script path of a task is looked up
  std::filesystem::path applications = "${state_dir}/applications"; ///< a folder per application
  std::filesystem::path venvs = "${state_dir}/venvs";
  std::filesystem::path log = "${state_dir}/log";
  std::filesystem::path run = "${state_dir}/run"; ///< unix sockets
};

struct limit_settings {
  std::uint64_t message_bytes = 64ULL << 20;    ///< largest body of one message
  std::uint64_t mailbox = 100'000;              ///< messages waiting for one actor
  std::uint64_t link_queue_bytes = 64ULL << 20; ///< outgoing bytes waiting for one link
  double ask_timeout_s = 1;                     ///< of an ask that names none
  std::uint64_t dead_letters = 1'000;           ///< kept for listing; older ones are only counted
};

/// What is kept of runs that have ended. Their work folders are never touched.
struct run_history_settings {
  double max_age_days = 30;           ///< 0: no limit
  std::uint64_t max_output_mb = 4096; ///< of all kept output together; 0: no limit
  std::uint64_t max_runs = 20'000;    ///< 0: no limit
  double keep_actor_s = 60;           ///< how long the actor of a task stays after its end
  std::uint64_t max_actors = 500;     ///< of ended tasks, however short ago they ended
};

struct task_settings {
  double timeout_s = 300;                   ///< below 0: none
  std::uint64_t memory_mb = 100;            ///< of the whole process tree
  double stop_grace_s = 5;                  ///< between SIGTERM and SIGKILL
  std::uint64_t spool_bytes = 256ULL << 20; ///< output kept per run; the cut is marked
  double cpu_s = 0;                         ///< processor time of the whole process tree; 0: no limit
  std::uint64_t processes = 0;              ///< and threads, of the whole tree; 0: no limit
  std::uint64_t open_files = 0;             ///< of each process; 0: the system's own limit
  std::uint64_t disk_mb = 0;                ///< of the work folder; 0: no limit
  std::uint64_t runs_at_once = 0;           ///< 0: no limit; child tasks do not count
  std::uint64_t queue = 1'000;              ///< runs that may wait for their turn
  std::string user;                         ///< whose processes runs are; empty: as the daemon's
  run_history_settings history;
  std::uint64_t warm_interpreters = 4;      ///< prepared interpreters a process keeps at most; 0: every run starts its own
  double warm_idle_s = 300;                 ///< how long one is kept that nobody uses
  bool pid_namespace = true;                ///< runs see only their own processes, where the system allows it
};

struct venv_settings {
  bool use = true;
  std::string default_name = "default";
  bool clear_at_start = true; ///< after an orderly end only
  double creation_timeout_s = 300;
  double wait_interval_s = 1;
  bool prepare_at_start = true; ///< in the background; else when the first script needs it
  std::filesystem::path requirements = "${program_dir}/../config/requirements.txt"; ///< of the default one; empty: none
  std::string tool = "auto"; ///< auto, uv, pip
  std::string uv = "uv";     ///< a name or a path
  std::string python;        ///< empty: `settings::python`
  std::string index_url;     ///< empty: as pip or uv are set up
  std::filesystem::path find_links; ///< empty: none
  bool offline = false;
};

struct heartbeat_settings {
  double interval_s = 0.5;
  double dead_after_s = 1.8; ///< silence after which the prime judges a node
};

/// How a process that dies is started again.
struct process_restart_settings {
  std::uint32_t most = 5;    ///< in `window_s`; after that it is in quarantine
  double window_s = 10;
  double backoff_s = 0.1;    ///< before the first; doubles with each
  double max_backoff_s = 30;
};

struct gateway_settings {
  bool enabled = true;
  std::string host = "127.0.0.1";
  std::uint16_t port = 9090;   ///< 0: any free one; ready.json tells which
  std::uint32_t page_size = 5; ///< members a page of the console shows
};

struct bridge_settings {
  std::string host = "127.0.0.1";
  std::optional<std::uint16_t> port; ///< 0: any free one; ready.json tells which. None: no bridge
};

/// The script server: stored scripts over HTTP.
struct script_server_settings {
  std::string host = "127.0.0.1";
  std::optional<std::uint16_t> port; ///< 0: any free one; ready.json tells which. None: no script server
  double timeout_s = 30;             ///< of a script that names none; below 0: none
  std::uint64_t max_concurrent = 4;  ///< scripts that run at once
  std::uint64_t queue = 1'000;       ///< scripts that wait for their turn
  std::uint64_t cache_mb = 64;       ///< 0: no results are kept
  double cache_ttl_s = 300;
  std::string venv; ///< of a script that names none; empty: the interpreter `settings::python`
  bool warm = true; ///< in prepared interpreters, where there are some
};

struct log_settings {
  std::string level = "info";             ///< trace, debug, info, warning, error, off
  bool to_stderr = false;                 ///< also to stderr
  bool async = false;                     ///< written by a thread of its own; the newest lines may be lost in a crash
  std::uint64_t file_bytes = 10ULL << 20; ///< a file of this size is rotated away
  std::uint32_t files = 5;                ///< rotated files that are kept
};

/// A process to create at start, after the main node.
struct process_settings {
  std::optional<std::string> name; ///< `process_<n>` if not given
  bool permanent = true;           ///< started again when it dies
};

/// An actor to create at start.
struct actor_settings {
  std::string name;
  std::optional<std::string> node; ///< full node name, as `first.process_0.admin`; the main node if not given
  json class_desc;                 ///< {"requires_dist": …, "class": …}
  json params;                     ///< object name → value for `set_params`, or null
  bool start = false;              ///< send the command `start` after the parameters are set
  json supervision;                ///< as in `create_actor`, or null
};

/// Actors that are restarted together.
struct group_settings {
  std::string name;
  std::string strategy = "one_for_one"; ///< one_for_one, one_for_all, rest_for_one
  std::vector<std::string> actors;      ///< names of `settings::actors`, in order
};

struct supervision_settings {
  double stuck_after_s = 30; ///< a handler that is longer at work is shown as stuck; 0: never
};

/// A message to be sent at start, in the order of the list, after processes and actors exist.
struct start_message {
  enum class kind { ask, send };
  kind type = kind::ask; ///< an ask is waited for before the next one goes out
  json recipient;        ///< an address: null, name or object
  std::string command;
  json body;
  std::optional<double> timeout_s;
};

/// Everything a daemon is told from outside. Plain values, filled once by `load_settings`, never changed after.
struct settings {
  std::string system = "king";
  std::string host = "first";
  std::string main_process = "main";
  std::filesystem::path state_dir = "${state_home}/troupe";
  std::string python = "python3"; ///< interpreter for scripts: a name on PATH or a path
  folder_settings folders;
  limit_settings limits;
  task_settings tasks;
  venv_settings venvs;
  heartbeat_settings heartbeat;
  supervision_settings supervision;
  process_restart_settings process_restarts;
  gateway_settings gateway;
  bridge_settings bridge;
  script_server_settings script_server;
  log_settings log;
  double exit_hook_s = 4;     ///< each actor's exit hook gets this long
  double orphan_grace_s = 10; ///< nodes end when their daemon is gone longer than this, observers when their node is
  bool test_faults = false;   ///< `set_fault` may let processes die, stop or lose their links at named points
  std::vector<process_settings> processes;
  std::vector<actor_settings> actors;
  std::vector<group_settings> groups;
  std::vector<start_message> start;

  /// Where each value came from: "gateway.port" → "default", "system.json:12", "environment TROUPE_GATEWAY_PORT" or
  /// "--set". A list has one origin.
  std::map<std::string, std::string> origins;
  /// Things that are not errors but look like one, as a misspelt environment name. For the log.
  std::vector<std::string> warnings;

  /// `<host>.<main_process>.admin`.
  std::string main_node() const { return host + "." + main_process + ".admin"; }
};

/// Where settings come from. Later sources win: defaults, then `files` in order, then `environment`, then `flags`.
struct load_request {
  std::vector<std::filesystem::path> files;
  std::map<std::string, std::string> environment; ///< all of it; only known names are read
  std::vector<std::string> flags;    ///< each `key=value`, as `gateway.port=0`; the value is JSON, or else a text
  std::filesystem::path program_dir; ///< for ${program_dir}: the folder of the running program
  std::filesystem::path current_dir; ///< for relative paths from environment and flags
};

/// Reads and checks all sources. On failure the error (code `bad_request`, or `io_error` for a file that cannot be
/// read) holds every problem found, one line each, with file and line number and what to do.
result<settings> load_settings(const load_request& from);

/// The request of a running program: its own folder and environment.
load_request load_request_of_this_process();

/// The settings in the shape of a config file (which `load_settings` reads back to the same values).
json settings_to_json(const settings& of);

/// One setting for people: its key, its value and where that came from.
struct setting_line {
  std::string key;
  json value;
  std::string origin;
};

/// All settings by name, for `troupe config show --origin`.
std::vector<setting_line> list_settings(const settings& of);

/// The JSON Schema of a config file, as in config/schema.json.
const json& settings_schema();

} // namespace troupe
