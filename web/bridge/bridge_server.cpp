#include "web/bridge/bridge_server.hpp"

#include "web/bridge/bridge_door.hpp"
#include "web/port/web_loop.hpp"

namespace troupe {

struct bridge_server::parts {
  parts(access_keeper& keeper, bridge_server_options wishes)
    : access(keeper), options(std::move(wishes)), loop("bridge", options.limits.close_grace) {}

  access_keeper& access;
  const bridge_server_options options;
  web_loop loop;
};

bridge_server::bridge_server(access_keeper& access, bridge_server_options options)
  : parts_(std::make_unique<parts>(access, std::move(options))) {}

bridge_server::~bridge_server() = default;

result<std::unique_ptr<open_listener>> bridge_server::open(const listener_options& options) {
  auto made = bridge_door::open(parts_->loop.context(), parts_->access, parts_->options, options);
  if (!made) {
    return std::unexpected(made.error());
  }
  return parts_->loop.run(std::move(*made));
}

} // namespace troupe
