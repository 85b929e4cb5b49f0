#pragma once

#include <runtime/process/unique_fd.hpp>

#include <string>

namespace troupe {

/// The socket that a script listens on for the bridge, in its working folder.
inline constexpr const char* bridge_socket_name = ".bridge";

/// What came of looking for a task's socket.
struct task_socket {
  enum class place {
    connected,     ///< `socket` is the way to the task, non-blocking
    not_listening, ///< the task has not made it yet, or its queue is full: a later try may succeed
    over,          ///< the task has ended
    unknown,       ///< there is no such task
  };
  place where = place::unknown;
  unique_fd socket;
};

/// Connects to the task `pid` whose folder is `<runs_folder>/<pid>`. Follows no link that a script could have made, and
/// takes paths of any length. Does not wait.
task_socket connect_to_task(const std::string& runs_folder, const std::string& pid);

/// Takes away the socket that a script left when it was killed. Nothing happens if there is none.
void remove_task_socket(const std::string& runs_folder, const std::string& pid);

} // namespace troupe
