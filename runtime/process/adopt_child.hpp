#pragma once

#include <runtime/process/spawn_child.hpp>

#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// The words of a process's command line; nothing if there is no such process, or it is a zombie.
std::optional<std::vector<std::string>> command_line_of(pid_t pid);

/// Takes over a running process of another parent: a pidfd, checked to be of the expected program, and new read ends of
/// the pipes that are its stdout and stderr, if they are pipes (a pipe can be opened anew through /proc as long as one
/// end of it is open anywhere; what is in it, is still there). Thread-safe.
result<spawned_child> adopt_child(const adopt_request& what);

} // namespace troupe
