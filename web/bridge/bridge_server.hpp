#pragma once

#include "runtime/listener/listener.hpp"
#include "web/bridge/bridge_limits.hpp"

#include <troupe/context.hpp>

#include <functional>
#include <memory>
#include <string>

namespace troupe {

class access_keeper;
struct http_request;

struct bridge_server_options {
  std::string runs_folder;                                ///< where the tasks' folders are
  std::function<void(log_level, const std::string&)> log; ///< thread-safe; may be empty
  bridge_limits limits;
};

/// The listener port's body for bridges: websockets that are joined to the unix sockets of tasks, on one thread of its
/// own, which starts with the first door that is opened. Thread-safe. The destructor closes what is still open within
/// `close_grace`, then ends the thread.
class bridge_server final : public listener {
public:
  /// `access` outlives the server.
  bridge_server(access_keeper& access, bridge_server_options options);
  ~bridge_server() override;

  /// Binds and listens before it returns, on any address of this machine. Fails with `bad_request` for a host that is no
  /// address, `conflict` for a busy port, `io_error` for what else the system refuses. Destroying the result frees the
  /// port at once.
  result<std::unique_ptr<open_listener>> open(const listener_options& options) override;

  /// Joins a client whose websocket opening was admitted by another server to the task `pid`. Takes the socket.
  void adopt(int socket, const http_request& opening, const std::string& pid);

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace troupe
