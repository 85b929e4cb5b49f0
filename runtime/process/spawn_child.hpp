#pragma once

#include <runtime/process/unique_fd.hpp>
#include <runtime/process_host/process_host.hpp>

namespace troupe {

/// A started child and this side's ends of what was made for it.
struct spawned_child {
  pid_t pid = -1;
  unique_fd pidfd;
  unique_fd out; ///< with `capture_output`: non-blocking read ends
  unique_fd err;
};

/// Starts the child. Thread-safe; its exit is the caller's to collect.
result<spawned_child> spawn_child(const spawn_request& what);

} // namespace troupe
