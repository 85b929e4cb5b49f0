#pragma once

#include "nodes/troupe/exit_code.hpp"

#include <filesystem>
#include <functional>
#include <string>

namespace troupe::cli {

/// A variable of the environment, empty if it is not set.
using environment = std::function<std::string(const char* name)>;

/// The environment of this process.
std::string environment_value(const char* name);

/// The folder of the system: what was typed, else `$TROUPE_STATE_DIR`, else `$XDG_STATE_HOME/troupe`, else
/// `~/.local/state/troupe`, or `/var/lib/troupe` without a home; absolute. The daemon's config has the same rule.
std::filesystem::path find_state_dir(const std::string& typed, const environment& variables);

/// What a running system says of itself in `<state dir>/ready.json`.
struct ready_info {
  int pid = 0;
  std::string api; ///< http://127.0.0.1:9090
  std::string scripts; ///< of the script server; empty: there is none
  std::filesystem::path token_file;
  std::string settings; ///< the file the nodes were started with: known by it when their daemon is gone; may be empty
  std::string login; ///< the one-time login address, may be empty
};

/// Fails with `exit_not_running` if there is no such file or it is damaged.
attempt<ready_info> read_ready_file(const std::filesystem::path& state_dir);

/// Shows the user how to start the system on that folder.
std::string how_to_start(const std::filesystem::path& state_dir);

} // namespace troupe::cli
