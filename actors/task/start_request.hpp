#pragma once

#include <troupe/json.hpp>

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// A wrong field of a body, as `bad_request` tells it.
struct bad_field {
  std::string field;
  std::string expected;
};

template <class T>
using checked = std::expected<T, bad_field>;

/// The body of `start`, checked for shape only.
struct start_request {
  std::string id;     ///< empty: the task's own
  std::string script; ///< a path, or empty with `command`
  std::vector<std::string> command;
  std::vector<std::string> args;
  json params = json::object();
  bool stdin_open = false;
  // Below 0: none; not given: as in `params`, else the node's default.
  std::optional<double> timeout_s;
  std::optional<double> memory_mb;
  std::optional<double> cpu_s;
  std::optional<double> processes;
  std::optional<double> open_files;
  std::optional<double> disk_mb;
  bool keep_stdout = true;
  bool keep_stderr = true;
  std::map<std::string, std::string> env;
  std::string cwd;
  // Of a child task; given by its parent.
  std::string parent;      ///< the parent's id, or empty
  std::string application; ///< the folder that the script belongs to; empty: the script's own
  int depth = 0;           ///< tasks above it
  std::string venv;        ///< the environment to run in; empty: the rule for scripts that name none
  bool no_venv = false;    ///< none, whatever the rule is
  bool clean_venv = false; ///< it is removed after its last user
  bool warm = false;       ///< a prepared interpreter may be used

  static checked<start_request> from_json(const json& body);
};

} // namespace troupe
