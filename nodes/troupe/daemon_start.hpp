#pragma once

#include "nodes/troupe/daemon_process.hpp"
#include "nodes/troupe/exit_code.hpp"
#include "nodes/troupe/state_dir.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace troupe::cli {

/// A daemon that this program started. It is our child until we end; then the system's first process takes it over.
struct started_daemon {
  held_process process;
  std::filesystem::path errors; ///< the file that its standard error goes to
};

/// Starts `program` in a session of its own, without a terminal. What it writes to standard error goes to
/// `<state_dir>/log/trouped.err`, begun anew.
attempt<started_daemon> start_daemon(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                                     const std::filesystem::path& state_dir);

/// Waits until the daemon says in `ready.json` that it is ready. Fails with what it wrote when it ended instead, and
/// with `exit_failure`, the daemon ended, when the time is over.
attempt<ready_info> wait_ready(const started_daemon& daemon, const std::filesystem::path& state_dir,
                               std::chrono::milliseconds limit);

} // namespace troupe::cli
