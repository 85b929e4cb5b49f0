#pragma once

#include <troupe/message.hpp>
#include <troupe/result.hpp>

#include "runtime/link/link.hpp"
#include "runtime/node/intake.hpp"
#include "runtime/node/send_ledger.hpp"

#include <cstdint>
#include <functional>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

namespace troupe {

class local_node;
class peer_connection;
struct peer_gate;

/// Who said hello.
struct peer_identity {
  std::string node;
  std::uint32_t incarnation = 0;
  pid_t pid = 0;
};

/// What the program wants to hear of links; called on the transport's thread.
struct peer_events {
  /// May this node have a link? The daemon checks its process table here, a node the daemon's incarnation; none:
  /// everybody of the own system may.
  std::function<result<>(const peer_identity&)> admit;
  std::function<void(const peer_identity&)> on_up;
  std::function<void(const std::string& node, const std::string& reason)> on_down;
  /// A control frame that the node itself does not know.
  std::function<void(const std::string& from, const json& what)> on_control;
};

/// The links of this node: one per peer, dialled when first needed, also when both dial at once. A message for a peer
/// waits here until the link is up; what cannot be sent goes back to its sender. Thread-safe.
///
/// The hello is CBOR `{system, node, incarnation, pid, protocol}`. Who accepts answers `accepted` with its own hello, or
/// `refused` with a reason. If both dial at once, the node with the smaller name refuses as `duplicate`: its own call is
/// the one that counts. A later incarnation of a node takes the place of the earlier one, whose end is told first; an
/// earlier one is refused.
class peer_table {
public:
  peer_table(local_node& home, link_transport& transport);
  ~peer_table();

  void observe(peer_events events);

  /// Takes calls at this node's socket in the run folder.
  result<> listen();
  /// Dials a node to which there is no link yet. Fails if nobody listens there; whether it takes the call comes as `on_up`.
  result<> call(const std::string& node);
  /// Takes over an inherited socket; `calls`: this side says hello.
  void adopt(int socket, const std::string& node, bool calls);

  result<> send(const std::string& node, const message_ptr& what, lane credit);
  /// A control frame; dropped if there is no link.
  void tell(const std::string& node, const json& what);
  void tell_all(const json& what);
  void ping(const std::string& node);
  std::optional<std::chrono::steady_clock::time_point> last_received(const std::string& node) const;

  /// Ends the link to a node that is dead.
  void drop(const std::string& node, const std::string& reason);

  /// Breaks every link; for tests.
  void drop_all(const std::string& reason);

  /// At the end of this node, when nothing waits here any more: calls `done` when every peer has taken all that was sent
  /// so far, or after `patience`.
  void settle(std::chrono::duration<double> patience, std::function<void()> done);
  /// From now on nobody can call this node; links that are up stay.
  void stop_listening() { listener_.reset(); }
  void stop();

  std::size_t size() const;
  /// Messages that went out and are not known to be worked off.
  std::uint64_t unconfirmed() const;

  /// `<run folder>/<process>.sock`
  std::string socket_of(const std::string& node) const;

private:
  friend class peer_connection;

  struct waiting_message {
    message_ptr what;
    lane credit;
  };
  struct send_account {
    std::mutex mutex; ///< also over the sending, so that a mark stands behind all that it counts
    send_ledger ledger;
  };
  struct peer {
    std::shared_ptr<link> up; ///< null: not yet
    std::shared_ptr<send_account> sent; ///< with `up`
    std::shared_ptr<intake> taken;      ///< with `up`
    const peer_connection* connection = nullptr; ///< whose link `up` is, or who dials
    std::uint32_t incarnation = 0;
    bool dialling = false;
    std::vector<waiting_message> waiting;
  };

  result<> send_on(const peer& to, const message& what, lane credit);
  result<> wait_for_link(const std::string& node, const message_ptr& what, lane credit);
  std::shared_ptr<peer_connection> begin_call(const std::string& node, peer& to);
  result<> dial(const std::string& node, const std::shared_ptr<peer_connection>& call, const message_ptr& what);
  void hello_came(peer_connection& from, const json& hello);
  void accepted_came(peer_connection& from, const json& hello);
  void refused_came(peer_connection& from, const std::string& reason);
  void link_ended(peer_connection& from, const std::string& reason);
  void bind(peer_connection& connection, const peer_identity& who);
  void end_earlier_life(const peer_identity& who);
  void give_back(std::vector<waiting_message> messages, const std::string& reason);
  std::vector<std::uint8_t> own_hello() const;
  void acknowledged();

  // peer_accounts.cpp: what may be lost with a link
  static bool is_accounted(const message& what);
  bool account_came(peer_connection& from, const json& what);
  void send_mark(const peer& to);
  void watch_accounts();
  void balance_accounts();
  void close_account(const std::string& node, const std::shared_ptr<send_account>& sent, const std::string& reason);

  local_node& home_;
  link_transport& transport_;
  std::shared_ptr<peer_gate> gate_;
  peer_events events_;
  std::unique_ptr<link_listener> listener_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, peer, std::less<>> peers_;
  bool stopped_ = false;
  std::size_t missing_acks_ = 0;
  std::function<void()> on_settled_;
  std::atomic<bool> accounts_are_watched_{false};
};

} // namespace troupe
