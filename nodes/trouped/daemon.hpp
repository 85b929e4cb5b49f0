#pragma once

#include "actors/head/node_launcher.hpp"
#include "nodes/trouped/state_folder.hpp"
#include "runtime/config/settings.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

struct daemon_paths {
  std::string node_program;
};

/// The host daemon: directory, process table, the system's start and end. Built in the order of its members, ended in
/// the reverse one. `run` returns the exit code when the last node has ended.
class host_daemon {
public:
  host_daemon(settings config, state_folder folder, daemon_paths paths);
  ~host_daemon();

  int run();

private:
  struct parts;

  std::string settings_file() const { return (config_.folders.run / "settings.json").string(); }
  std::vector<left_node> left_nodes(const struct store_content& found, std::uint32_t incarnation) const;
  void ready(const json& services);
  void failed(const std::string& reason);

  settings config_;
  state_folder folder_;
  daemon_paths paths_;
  std::unique_ptr<parts> parts_;
};

} // namespace troupe
