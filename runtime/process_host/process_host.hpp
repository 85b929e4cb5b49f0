#pragma once

#include <troupe/result.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <sys/types.h>

namespace troupe {

struct child_exited {
  int code = 0;
};
struct child_signalled {
  int signal = 0;
};
/// It ended, and only its parent could know how: an adopted process.
struct child_vanished {};
/// How a child ended; different facts, never one number.
using child_end = std::variant<child_exited, child_signalled, child_vanished>;

enum class child_stream { out, err };

struct spawn_request {
  std::vector<std::string> argv;          ///< argv[0] is a path
  std::map<std::string, std::string> env; ///< added to the parent's environment, or all there is with `clean_env`
  bool clean_env = false;
  std::string cwd; ///< empty: the parent's
  bool new_session = true;
  /// (ours, the child's number). All others but 0 to 2 are closed; 0 is /dev/null unless it is declared.
  std::vector<std::pair<int, int>> descriptors;
  bool capture_output = false; ///< stdout and stderr come as lines to `on_line`; else they are the parent's
};

/// A running process that somebody else started.
struct adopt_request {
  pid_t pid = 0;
  std::vector<std::string> argv; ///< what its command line must be: the number could be another process's by now
  bool capture_output = false;   ///< what it writes into pipes as stdout and stderr comes as lines to `on_line`
};

struct child_events {
  std::function<void(child_end)> on_end; ///< once, after the last line; on a thread of the host
  std::function<void(child_stream, std::string line)> on_line;
};

/// A running child. Dropping it does not end the process.
class child {
public:
  virtual ~child() = default;
  virtual pid_t pid() const noexcept = 0;
  /// By pidfd: never hits another process with a reused number. No-op after the end.
  virtual void signal(int number) = 0;
};

/// Starts and watches child processes. Thread-safe.
class process_host {
public:
  virtual ~process_host() = default;
  /// A failed exec is an error here, never a child that ends with 127.
  virtual result<std::shared_ptr<child>> spawn(const spawn_request& what, child_events events) = 0;
  /// Takes over a process that is no child of this one. Its end is reported as `child_vanished`. Fails with `not_found`
  /// if it is gone or another one.
  virtual result<std::shared_ptr<child>> adopt(const adopt_request& what, child_events events) = 0;
};

} // namespace troupe
