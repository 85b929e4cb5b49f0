#pragma once

#include "runtime/listener/listener.hpp"
#include "web/script_server/script_gate.hpp"
#include "web/script_server/script_world.hpp"
#include "web/server/web_limits.hpp"

#include <troupe/context.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace troupe {

class access_keeper;
class door;

struct script_server_options {
  std::filesystem::path folder; ///< of the scripts
  script_rules rules;
  address history; ///< who keeps the history of runs
  std::function<void(log_level, const std::string&)> log; ///< thread-safe; may be empty
  web_limits limits = {.max_connections = 512};
  bool use_inotify = true;        ///< else the folder is looked at every 5 s
  script_gate::owner_of owner_of; ///< empty: asks the kernel
};

/// The listener port's body for the script server: stores scripts and runs them over HTTP, on a thread of its own.
/// Thread-safe. The destructor closes what is still open within `close_grace`.
class script_server final : public listener {
public:
  /// `actors` and `access` outlive the server; callbacks of `actors` that come after its end do nothing.
  script_server(door& actors, access_keeper& access, script_server_options options);
  ~script_server() override;

  /// Binds and listens before it returns, on any address of this machine. Fails with `bad_request` for a host that is no
  /// address, `conflict` for a busy port, `io_error` for what else the system refuses.
  result<std::unique_ptr<open_listener>> open(const listener_options& options) override;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace troupe
