#pragma once

#include "runtime/link/link.hpp"

#include <caf/actor_system.hpp>
#include <caf/io/network/default_multiplexer.hpp>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>

namespace troupe {

class link_connection;
class unix_acceptor;

/// What the links and listeners of one transport share: CAF's event loop, and the account of what is open, from which
/// the end of the transport works. Held by each of them, so that a link may be held longer than the transport.
class transport_core : public std::enable_shared_from_this<transport_core> {
public:
  transport_core(caf::actor_system& system, link_options options);

  const link_options& options() const noexcept { return options_; }
  caf::actor_system& system() noexcept { return system_; }
  caf::io::network::default_multiplexer& loop() noexcept { return loop_; }
  bool is_on_loop() const noexcept;

  /// Runs `job` on the loop and waits for its end; at once when called there.
  void run_on_loop(const std::function<void()>& job);

  void adopt(int socket, std::shared_ptr<link_handler> handler);
  result<> open(std::shared_ptr<unix_acceptor> acceptor);
  /// Returns when the acceptor takes no more peers.
  void close(std::shared_ptr<unix_acceptor> acceptor);
  void log(const std::string& text) const;

  /// The account. `closed` counts descriptors down that `adopt` and `open` counted up.
  void forget(const std::shared_ptr<unix_acceptor>& acceptor);
  void ended(const std::shared_ptr<link_connection>& connection);
  void closed() noexcept;

  /// Closes all listeners and links and waits (on another thread than the loop: until their descriptors are closed, at
  /// most `patience`). Returns how many descriptors are left. After it the event loop is not used any more.
  std::size_t stop(std::chrono::milliseconds patience);

private:
  caf::actor_system& system_;
  caf::io::network::default_multiplexer& loop_;
  const link_options options_;

  std::mutex mutex_;
  std::condition_variable all_closed_;
  bool is_stopped_ = false;
  std::size_t open_ = 0;
  std::set<std::shared_ptr<link_connection>> connections_;
  std::set<std::shared_ptr<unix_acceptor>> acceptors_;
};

} // namespace troupe
