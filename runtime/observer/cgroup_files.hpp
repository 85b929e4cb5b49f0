#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace troupe {

/// The small files of a cgroup. Nothing here waits or throws.
std::optional<std::string> read_text(const std::string& file);
std::optional<std::uint64_t> read_number(const std::string& file);
/// The number after `key ` in a file of such lines.
std::optional<std::uint64_t> read_keyed(const std::string& file, std::string_view key);
bool write_text(const std::string& file, std::string_view text);
std::vector<pid_t> read_pids(const std::string& file);

/// Where controllers are mounted, and the cgroups of this process in them.
struct cgroup_places {
  std::string memory;  ///< version 1: folder of this process's cgroup in the memory hierarchy, or empty
  std::string pids;
  std::string cpuacct;
  std::string unified; ///< version 2: its mount, or empty
  std::string own;     ///< version 2: the path of this process's cgroup below it, as `/a/b`
};
cgroup_places find_cgroups();

/// The name of the cgroups of a run.
std::string cgroup_name_of(const std::string& run_id);

/// Removes an empty cgroup; one whose last process has ended a moment ago may need some milliseconds.
void remove_cgroup(const std::string& folder);

struct cgroup_sweep {
  std::size_t killed = 0; ///< processes that got the signal
  bool is_done = true;    ///< false: a cgroup is still there, since what was in it has not ended quite yet
};
/// Kills what is in the cgroups of a run whose observer is dead, and removes them.
cgroup_sweep kill_cgroups_of(const std::string& run_id);

/// Removes the cgroups of a run if nothing is in them and they were not made a moment ago; what is in use stays.
void remove_old_cgroups_of(const std::string& run_id);

} // namespace troupe
