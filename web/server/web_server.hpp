#pragma once

#include "runtime/listener/listener.hpp"
#include "web/server/task_joiner.hpp"
#include "web/server/web_limits.hpp"

#include <troupe/context.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace troupe {

class access_keeper;
class door;

struct web_server_options {
  std::string version = "0.1.0";
  std::filesystem::path applications_folder; ///< empty: no applications
  address history;      ///< who keeps the history of runs
  std::string log_file; ///< the daemon's log, for `GET /api/v1/log`; empty: none
  std::function<void(log_level, const std::string&)> log; ///< thread-safe; may be empty
  task_joiner join_task; ///< thread-safe; empty: web handlers have no sockets
  web_limits limits;
};

/// The real body of the listener port: HTTP and websockets on one thread of its own, which starts with the first door
/// that is opened. Serves loopback only. Thread-safe. The destructor closes what is still open: answers that are being
/// written and websockets get one second (`close_grace`), then the sockets are cut and the thread ends.
class web_server final : public listener {
public:
  /// `actors` and `access` outlive the server; callbacks of `actors` that come after its end do nothing.
  web_server(door& actors, access_keeper& access, web_server_options options = {});
  ~web_server() override;

  /// Binds and listens before it returns. Fails with `not_supported` for a host that is not loopback, `conflict` for a
  /// busy port, `io_error` for what else the system refuses. Destroying the result frees the port at once.
  result<std::unique_ptr<open_listener>> open(const listener_options& options) override;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace troupe
