#include "web/script_server/script_server.hpp"

#include "web/port/web_loop.hpp"
#include "web/script_server/script_port.hpp"

namespace troupe {

struct script_server::parts {
  parts(door& actors_door, access_keeper& keeper, script_server_options wishes)
    : actors(actors_door), access(keeper), options(std::move(wishes)), loop("scripts", options.limits.close_grace) {}

  door& actors;
  access_keeper& access;
  const script_server_options options;
  web_loop loop;
};

script_server::script_server(door& actors, access_keeper& access, script_server_options options)
  : parts_(std::make_unique<parts>(actors, access, std::move(options))) {}

script_server::~script_server() = default;

result<std::unique_ptr<open_listener>> script_server::open(const listener_options& options) {
  auto made = script_port::open(parts_->loop.context(), parts_->actors, parts_->access, parts_->options, options);
  if (!made) {
    return std::unexpected(made.error());
  }
  return parts_->loop.run(std::move(*made));
}

} // namespace troupe
