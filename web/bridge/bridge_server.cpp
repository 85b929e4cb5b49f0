#include "web/bridge/bridge_server.hpp"

#include "web/bridge/bridge_door.hpp"
#include "web/port/web_loop.hpp"
#include "web/routes/http_types.hpp"

#include <boost/asio/post.hpp>

#include <mutex>

namespace troupe {

struct bridge_server::parts {
  parts(access_keeper& keeper, bridge_server_options wishes)
    : access(keeper), options(std::move(wishes)), loop("bridge", options.limits.close_grace) {}

  access_keeper& access;
  const bridge_server_options options;
  std::mutex mutex; ///< over what follows
  std::shared_ptr<bridge_door> inner; ///< of clients that came in elsewhere; outlives the loop
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

void bridge_server::adopt(int socket, const http_request& opening, const std::string& pid) {
  const std::lock_guard lock(parts_->mutex);
  if (!parts_->inner) {
    parts_->inner = bridge_door::inner(parts_->loop.context(), parts_->access, parts_->options);
    parts_->loop.keep(parts_->inner);
  }
  boost::asio::post(*parts_->loop.context(), [door = parts_->inner, socket, opening, pid] { door->adopt(socket, opening, pid); });
}

} // namespace troupe
