#include "web/server/web_server.hpp"

#include "web/port/web_loop.hpp"
#include "web/server/gateway.hpp"

namespace troupe {

struct web_server::parts {
  parts(door& actors_door, access_keeper& keeper, web_server_options wishes)
    : actors(actors_door), access(keeper), options(std::move(wishes)), loop("web", options.limits.close_grace) {}

  door& actors;
  access_keeper& access;
  const web_server_options options;
  web_loop loop;
};

web_server::web_server(door& actors, access_keeper& access, web_server_options options)
  : parts_(std::make_unique<parts>(actors, access, std::move(options))) {}

web_server::~web_server() = default;

result<std::unique_ptr<open_listener>> web_server::open(const listener_options& options) {
  auto made = gateway::open(parts_->loop.context(), parts_->actors, parts_->access, parts_->options, options);
  if (!made) {
    return std::unexpected(made.error());
  }
  return parts_->loop.run(std::move(*made));
}

} // namespace troupe
