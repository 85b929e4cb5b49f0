#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::cli {

enum class health { good, warning, bad };

/// One thing that was looked at: how it is, and what to do if it is not good.
struct finding {
  std::string what;
  health how = health::good;
  std::string detail;
  std::string advice;
};

struct program_fact {
  std::string name;
  bool is_there = false;
  std::string version; ///< empty: it does not tell
};

struct port_fact {
  std::string purpose;
  std::uint16_t port = 0;
  bool is_free = true;
};

/// What a look at the machine gave.
struct machine_facts {
  std::string own_version;
  std::string program_dir;
  std::vector<program_fact> programs;
  std::string python;         ///< as configured
  std::string python_version; ///< empty: it does not run
  std::string config_problem; ///< empty: the config is right
  std::string state_dir;
  std::string state_problem; ///< empty: it can be written to
  std::size_t socket_folder_length = 0;
  std::vector<port_fact> ports;
  std::string run_user;     ///< whose processes runs are
  bool run_user_is_root = false;
  std::string uv;           ///< as configured
  std::string uv_version;   ///< empty: it is not found
  bool needs_uv = false;    ///< nothing else may make environments
  bool has_user_namespaces = false;
  int cgroup_version = 0; ///< 0: none
  bool cgroup_writable = false;
  std::string limit_means; ///< how limits of whole process trees are held: "cgroup v2", "cgroup v1", "polling"
  bool has_pidfd = false;
  std::optional<int> ready_pid; ///< from ready.json
  bool daemon_lives = false;
  std::string system_version; ///< of the running system; empty: it does not answer
  std::string system_problem; ///< why it does not
};

/// What the facts mean. A pure function.
std::vector<finding> judge_health(const machine_facts& facts);

} // namespace troupe::cli
