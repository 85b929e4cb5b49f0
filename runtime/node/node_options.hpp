#pragma once

#include <troupe/context.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace troupe {

/// What one node is called and how much it may take. Fixed for the life of the process.
struct node_options {
  std::string system = "king";
  std::string node = "first.main.admin";         ///< this process
  std::string daemon_node = "first.main.daemon"; ///< the host daemon, which keeps the directory
  std::string head = "first.main.admin";         ///< whose admin the daemon answers for
  std::uint32_t incarnation = 1;                 ///< grows with each process of this name
  std::string run_folder;                        ///< where the nodes' sockets lie
  std::uint32_t mailbox_limit = 100'000;
  std::size_t message_limit = 64u << 20; ///< bytes of an encoded body
  double ask_timeout_s = 1;
  double exit_hook_s = 4;
  double stuck_after_s = 30; ///< a handler that is longer at work is shown as stuck; 0: never

  std::function<void(std::string_view line)> print;
  std::function<void(log_level, std::string_view text)> log;
  std::function<void(std::string_view point)> fault; ///< tests only: called at the named points of a move
  bool log_messages = false;                         ///< every message at level debug

  /// `<system>.<host>.<process>`: before the numbers in mids.
  std::string origin() const {
    constexpr std::string_view tail = ".admin";
    auto base = node;
    if (base.ends_with(tail)) {
      base.resize(base.size() - tail.size());
    }
    return system + "." + base;
  }
};

/// Names the runtime keeps for itself: ask-entities (`_n`) and its own actors (`troupe.directory`, …).
inline bool is_internal_name(std::string_view name) { return name.starts_with('_') || name.starts_with("troupe."); }

inline constexpr std::string_view directory_entity = "troupe.directory";
inline constexpr std::string_view local_admin_entity = "troupe.admin";
inline constexpr std::string_view mover_entity = "troupe.mover";

/// The command of a flush marker: it follows the messages of one way to an actor, and the node of the actor answers it.
inline constexpr std::string_view flush_command = "troupe.flush";

} // namespace troupe
