#pragma once

#include <troupe/json.hpp>
#include <troupe/result.hpp>

#include "actors/head/liveness_judge.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace troupe {

/// A node process of this state folder that an earlier daemon started.
struct left_node {
  std::string node;
  std::uint32_t incarnation = 0;
  pid_t pid = 0;
  std::vector<std::string> argv; ///< its command line
};

/// Starts and watches the node processes of this host, for the head's admin. What happens to them comes back as messages
/// to the admin: `node_is_up {node, incarnation, pid}` and `node_has_exited {node, incarnation, how}`.
class node_launcher {
public:
  virtual ~node_launcher() = default;
  virtual result<pid_t> launch(const std::string& node, std::uint32_t incarnation) = 0;
  /// Takes over a node that a killed daemon has left, and dials it; fails if that process is gone.
  virtual result<> adopt(const left_node& what) = 0;
  /// SIGKILL through the pidfd.
  virtual void kill(const std::string& node) = 0;
  virtual void ping(const std::string& node) = 0;
  /// How long nothing came from the node, or how long it has no link; nothing if it is none of ours.
  virtual std::optional<std::chrono::duration<double>> silence(const std::string& node) const = 0;
  virtual process_condition condition(const std::string& node) const = 0;
  /// The verdict: tells this process and every node that `node` is down.
  virtual void announce_down(const std::string& node, const std::string& reason) = 0;
};

} // namespace troupe
