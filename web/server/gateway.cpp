#include "web/server/gateway.hpp"

#include "web/server/websocket_session.hpp"

namespace troupe {

namespace asio = boost::asio;

gateway::gateway(std::shared_ptr<asio::io_context> loop, door& actors, access_keeper& access,
                 const web_server_options& options)
  : http_port(std::move(loop), {"the gateway", "port", "gateway", options.log, options.limits}), access_(access),
    door_(actors, gate()), applications_(options.applications_folder), join_task_(options.join_task) {}

gateway::~gateway() { stop_work(); }

result<std::shared_ptr<gateway>> gateway::open(std::shared_ptr<asio::io_context> loop, door& actors,
                                               access_keeper& access, const web_server_options& options,
                                               const listener_options& wish) {
  std::shared_ptr<gateway> made(new gateway(std::move(loop), actors, access, options));
  if (auto opened = made->open_on(wish); !opened) {
    return std::unexpected(opened.error());
  }
  made->make_site(options, wish);
  return made;
}

result<> gateway::open_on(const listener_options& wish) {
  const auto host = listening_address(wish.host);
  if (!host || !host->is_loopback()) {
    return fail(error_code::not_supported,
                "the gateway does not open on " + wish.host + ":" + std::to_string(wish.port) +
                  ": it has no TLS, so it serves loopback addresses only; use 127.0.0.1 and a tunnel (ssh -L)");
  }
  return bind(*host, wish);
}

void gateway::make_site(const web_server_options& options, const listener_options& wish) {
  web_world world{door_, access_, timer(), counters()};
  world.applications = options.applications_folder.empty() ? nullptr : &applications_;
  world.background = &background();
  world.address = address();
  world.cookie = "troupe_session_" + std::to_string(number());
  world.version = options.version;
  world.history = options.history;
  world.log_file = options.log_file;
  world.page_size = wish.page_size > 0 ? wish.page_size : 5;
  world.max_message_bytes = options.limits.max_message_bytes;
  site_.emplace(std::move(world), wish.host.empty() ? "127.0.0.1" : wish.host, number());
}

void gateway::upgrade(tcp::socket socket, const http_request& opening, session_slot slot) {
  start_websocket_session(std::move(socket), opening, std::static_pointer_cast<gateway>(shared_from_this()),
                          std::move(slot));
}

} // namespace troupe
