#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe::cli {

/// Options that every command takes.
struct common_options {
  std::string state_dir; ///< as typed; empty: the default rule
  bool json = false;
};

struct up_options {
  std::string config;
  double timeout_s = 30;
};

struct down_options {
  double timeout_s = 15; ///< until SIGTERM
};

struct status_options {};

struct login_options {};

/// `ask` and `send`; recipient and body as typed.
struct message_options {
  bool wants_answer = true;
  std::string recipient;
  std::string command;
  std::string body;
  std::string body_file; ///< `-`: standard input
  double timeout_s = 10;
};

struct list_actors_options {
  std::string node; ///< empty: all nodes
};

struct list_processes_options {};

struct create_process_options {
  std::string name;
  double timeout_s = 10;
};

struct remove_process_options {
  std::string node;
  double timeout_s = 15;
};

/// Moves the actors of a process to others.
struct drain_process_options {
  std::string node;
  std::vector<std::string> to; ///< empty: all other processes of its host
  double timeout_s = 600;
};

/// Moves one actor.
struct move_options {
  std::string name;
  std::string to;
  double timeout_s = 15;
};

struct run_options {
  std::string application; ///< the id of one that has the script; empty: it is a file here
  std::string script;
  std::vector<std::string> args;
  std::string node;
  std::optional<double> timeout_s;
  std::optional<double> memory_limit_mb;
  std::string venv;
  bool clean_venv = false;
  bool warm = false;
  std::string params;
  std::vector<std::string> environment; ///< NAME=VALUE
  std::string working_dir;
};

enum class task_action { list, show, tree, rerun, cancel, remove, signal, send };

struct task_options {
  task_action action = task_action::list;
  std::string id;
  std::string signal;
  std::string data;        ///< JSON for the script
  std::string state;       ///< of a list: empty for any
  std::string script;      ///< likewise
  std::string since;       ///< likewise; a time in UTC, or how long ago: 90s, 15m, 2h, 7d
  unsigned limit = 100;
  std::uint64_t after = 0; ///< the end of the page before; 0: from the newest on
};

enum class venv_action { list, show, create, install, packages, remove };

struct venv_options {
  venv_action action = venv_action::list;
  std::string name;
  std::vector<std::string> packages;
  bool clean = false;
  bool latest = false;
  bool names_only = false;
  double timeout_s = 900;
};

enum class app_action { list, create, show, put, mark, unmark, rename, remove, get, move, remove_file, make_folder, set, handlers, stop };

struct app_options {
  app_action action = app_action::list;
  std::string name; ///< of a new one
  std::string id;
  std::string file; ///< here; `-`: standard input
  std::string path; ///< in the application; what it moves from
  std::string to;   ///< what it moves to
  std::string handler;
  bool recursive = false;
  // What `set` changes; none: not that.
  std::optional<std::string> static_folder;
  std::optional<bool> is_public;
  std::optional<std::string> params;
  std::optional<std::string> handlers;
};

enum class script_action { list, get, put, remove, run };

/// What is done with the scripts of the script server.
struct stored_script_options {
  script_action action = script_action::list;
  std::string name;
  std::string file; ///< here; `-`: standard input
  std::string venv;
  double timeout_s = 0; ///< 0: as the server says
  double memory_mb = 0;
  std::vector<std::string> env; ///< each `NAME=value`
  std::string data;             ///< JSON for standard input; `-`: standard input's; empty: nothing
  std::vector<std::string> args;
  bool fresh = false; ///< no older result
};

struct logs_options {
  std::string task; ///< empty: the log of the system
  bool follow = false;
  unsigned lines = 200;
  std::uint64_t from = 0;
};

struct config_options {
  bool check = false; ///< else: show
  std::string file;
  bool origin = false;
};

enum class package_action { list, make, path };

struct package_options {
  package_action action = package_action::list;
  std::string name;
  std::string folder;
  std::string config;
};

struct doctor_options {
  std::string config;
};

struct completion_options {
  std::string shell;
};

using command_options =
  std::variant<std::monostate, up_options, down_options, status_options, login_options, message_options,
               list_actors_options, list_processes_options, create_process_options, remove_process_options,
               drain_process_options, move_options, run_options, task_options, venv_options, app_options, stored_script_options,
               logs_options, config_options,
               package_options, doctor_options, completion_options>;

/// A command line that was understood.
struct invocation {
  common_options common;
  command_options command;
};

/// What reading a command line gave: something to do, or a text (help, version, what is wrong) and the exit code.
struct parsed_arguments {
  std::optional<invocation> todo;
  int exit_code = 0;
  std::string out;
  std::string err;
};

/// `arguments` without the program's name.
parsed_arguments parse_arguments(const std::vector<std::string>& arguments);

/// One command as a shell's completion sees it.
struct command_node {
  std::string name;
  std::string description;
  std::vector<std::string> options; ///< long names with their dashes
  std::vector<command_node> children;
};

/// The tree of all commands; the root has the name of the program.
command_node describe_commands();

} // namespace troupe::cli
