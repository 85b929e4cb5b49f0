#pragma once

#include <cstddef>
#include <string>

namespace troupe {

/// Kills what is left of runs of `runs_folder` whose observers are dead, found by their marks and their cgroups, and again
/// until nothing is found (at most 2 s). Runs whose observers live are left alone. How many processes were killed.
std::size_t sweep_dead_runs(const std::string& runs_folder);

} // namespace troupe
