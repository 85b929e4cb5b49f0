#include "web/bridge/bridge_door.hpp"

#include "web/bridge/bridge_opening.hpp"
#include "web/routes/http_types.hpp"

#include <sys/socket.h>
#include <unistd.h>

namespace troupe {

namespace asio = boost::asio;

bridge_door::bridge_door(std::shared_ptr<asio::io_context> loop, access_keeper& access,
                         const bridge_server_options& options)
  : web_port(std::move(loop),
             {"the bridge", "ws", "bridge.port", options.limits.max_connections, options.limits.close_grace}),
    options_(options), access_(access) {}

result<std::shared_ptr<bridge_door>> bridge_door::open(std::shared_ptr<asio::io_context> loop, access_keeper& access,
                                                       const bridge_server_options& options,
                                                       const listener_options& wish) {
  const auto host = listening_address(wish.host);
  if (!host) {
    return fail(error_code::bad_request, "the bridge cannot listen there: " + host.error().text);
  }
  std::shared_ptr<bridge_door> made(new bridge_door(std::move(loop), access, options));
  if (auto bound = made->bind(*host, wish); !bound) {
    return std::unexpected(bound.error());
  }
  if (!host->is_loopback()) {
    made->log(log_level::warning, "open on " + shown_place(wish.host, made->number()) + " without encryption; others need the token");
  }
  return made;
}

std::shared_ptr<bridge_door> bridge_door::inner(std::shared_ptr<asio::io_context> loop, access_keeper& access,
                                                const bridge_server_options& options) {
  return std::shared_ptr<bridge_door>(new bridge_door(std::move(loop), access, options));
}

void bridge_door::adopt(int socket, const http_request& opening, std::string pid) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  const bool is_known = ::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size) == 0;
  tcp::socket client(loop());
  boost::system::error_code fault;
  client.assign(is_known && own.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), socket, fault);
  if (fault) {
    ::close(socket);
    return;
  }
  if (auto slot = take_place()) {
    auto self = std::static_pointer_cast<bridge_door>(shared_from_this());
    go_on_with_opening(std::move(client), bridge_slot(std::move(self), std::move(*slot)), opening, std::move(pid));
  }
}

void bridge_door::serve(tcp::socket socket, session_slot slot) {
  boost::system::error_code ignored;
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  auto self = std::static_pointer_cast<bridge_door>(shared_from_this());
  start_bridge_opening(std::move(socket), bridge_slot(std::move(self), std::move(slot)));
}

bool bridge_door::begin_waiting() {
  if (waiting_ >= options_.limits.max_waiting) {
    return false;
  }
  ++waiting_;
  return true;
}

void bridge_door::log(log_level level, const std::string& text) const {
  if (options_.log) {
    options_.log(level, "bridge: " + text);
  }
}

} // namespace troupe
