#pragma once

#include "actors/head/node_launcher.hpp"
#include "runtime/log/log.hpp"
#include "runtime/node/local_node.hpp"
#include "runtime/process_host/process_host.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace troupe {

struct posix_launcher_options {
  std::string node_program;  ///< path of troupe-node
  std::string settings_file; ///< what the nodes read
};

/// The real launcher: node processes as children of the daemon, each with its end of a socketpair as its first link, its
/// standard output shown and its standard error logged under its name. Nodes that outlived an earlier daemon are no
/// children; they are dialled at their own sockets, and how they end is not known. Thread-safe.
class posix_launcher final : public node_launcher {
public:
  posix_launcher(posix_launcher_options options, process_host& processes, log& lines);

  /// The daemon's own node, made after the launcher.
  void attach(local_node& daemon) noexcept { daemon_ = &daemon; }

  result<pid_t> launch(const std::string& node, std::uint32_t incarnation) override;
  result<> adopt(const left_node& what) override;
  void kill(const std::string& node) override;
  void kill_all();
  void ping(const std::string& node) override;
  std::optional<std::chrono::duration<double>> silence(const std::string& node) const override;
  process_condition condition(const std::string& node) const override;
  void announce_down(const std::string& node, const std::string& reason) override;

  /// The link to a node broke: if its process lives, it is dialled until it takes the call.
  void link_lost(const std::string& node);

  /// Is a hello of this node welcome?
  result<> admit(const std::string& node, std::uint32_t incarnation) const;

private:
  struct child_record {
    std::shared_ptr<child> process;
    std::uint32_t incarnation = 0;
    std::chrono::steady_clock::time_point without_link{}; ///< since when, if there is none
  };

  child_events events_of(const std::string& node, std::uint32_t incarnation);
  void dial(const std::string& node, std::uint32_t incarnation);

  void show(const std::string& node, child_stream stream, const std::string& line);
  void ended(const std::string& node, std::uint32_t incarnation, child_end how);

  posix_launcher_options options_;
  process_host& processes_;
  log& lines_;
  local_node* daemon_ = nullptr;
  mutable std::mutex mutex_;
  std::map<std::string, child_record> children_;
  std::mutex output_mutex_;
};

} // namespace troupe
