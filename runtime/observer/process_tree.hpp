#pragma once

#include <set>
#include <string>
#include <vector>

#include <sys/types.h>

namespace troupe {

/// One line of the kernel's process table.
struct process_entry {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t session = 0;
  unsigned long long started = 0; ///< clock ticks since boot: with `pid` the identity of a process
  bool is_zombie = false;
};

/// All processes that /proc shows.
std::vector<process_entry> process_table();

/// The living descendants of `root`, without itself.
std::vector<process_entry> descendants_of(pid_t root);

/// Whether `pid` is `root` or one of its living descendants.
bool is_below(pid_t pid, pid_t root);

/// The parent of a living process; 0: there is none, or it cannot be seen.
pid_t parent_of(pid_t pid);

/// Sends `signal` to each, by pidfd and only if it is still the same process. Returns how many got it.
std::size_t signal_processes(const std::vector<process_entry>& which, int signal);

/// The living processes of a run whose observer is gone: those that carry its mark (`TROUPE_RUN=<id>` in their
/// environment), that are in the script's session, and all descendants of these.
std::vector<process_entry> processes_of_run(const std::string& run_id, pid_t script);

/// The runs whose marks living processes carry.
std::set<std::string> marked_runs();

} // namespace troupe
