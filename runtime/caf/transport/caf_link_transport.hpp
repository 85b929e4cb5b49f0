#pragma once

#include "runtime/link/link.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <cstddef>
#include <memory>

namespace troupe {

class transport_core;

/// The link transport over CAF: one broker per link on an adopted socket, all on the event loop of the system's
/// middleman (module `caf::io::middleman` loaded; no port of CAF's own protocol is used). Thread-safe.
///
/// It must end before the actor system: `stop` closes the listeners (their files go), then every link (`on_closed` for
/// each, what is queued is dropped: close links in order before), then waits until the descriptors are closed.
/// Links and listeners may be held longer; they do nothing then.
class caf_link_transport final : public link_transport {
public:
  explicit caf_link_transport(caf::actor_system& system, link_options options = {});
  /// `stop()`.
  ~caf_link_transport() override;

  caf_link_transport(const caf_link_transport&) = delete;
  caf_link_transport& operator=(const caf_link_transport&) = delete;

  void adopt(int socket, std::shared_ptr<link_handler> handler) override;
  result<> dial(const std::string& path, std::shared_ptr<link_handler> handler) override;
  result<std::unique_ptr<link_listener>> listen(const std::string& path,
                                                std::function<std::shared_ptr<link_handler>()> make_handler) override;

  /// Returns how many descriptors could not be closed in time (0 unless a handler hangs). Called on the transport's
  /// thread it does not wait. The second call does nothing.
  std::size_t stop(std::chrono::milliseconds patience = std::chrono::seconds{5});

private:
  std::shared_ptr<transport_core> core_;
};

} // namespace troupe
