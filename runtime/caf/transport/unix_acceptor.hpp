#pragma once

#include "runtime/caf/transport/unix_socket.hpp"
#include "runtime/link/link.hpp"

#include <caf/io/network/event_handler.hpp>

#include <functional>
#include <memory>
#include <string>

namespace troupe {

class transport_core;

/// Accepts on a listening unix socket, on CAF's event loop. CAF's own acceptor (doorman) is not used: without free
/// descriptors it spins at full speed; this one holds one in reserve and turns the peer away with it, and if that fails
/// too, it rests a while.
class unix_acceptor final : public caf::io::network::event_handler, public std::enable_shared_from_this<unix_acceptor> {
public:
  using handler_maker = std::function<std::shared_ptr<link_handler>()>;

  unix_acceptor(std::shared_ptr<transport_core> core, std::string path, listening_socket socket, handler_maker maker);
  ~unix_acceptor() override;

  /// On the loop: from now on peers are accepted.
  void open();
  /// On the loop: no peer is accepted after it, the file is gone. The second call does nothing.
  void close();

  void handle_event(caf::io::network::operation op) override;
  void removed_from_loop(caf::io::network::operation op) override;
  void graceful_shutdown() override;

private:
  void take(int fd);
  bool turn_away();
  /// Takes the socket out of the loop for a moment.
  void rest();

  const std::shared_ptr<transport_core> core_;
  const std::string path_;
  const listening_socket socket_;
  const handler_maker maker_;
  int reserve_;
  bool is_open_ = false;
  bool is_resting_ = false;
  std::shared_ptr<unix_acceptor> in_loop_;
};

} // namespace troupe
