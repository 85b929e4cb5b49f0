#include "web/bridge/bridge_door.hpp"

#include "web/bridge/bridge_opening.hpp"
#include "web/routes/http_types.hpp"

#include <sys/socket.h>
#include <unistd.h>

namespace troupe {
namespace {

namespace asio = boost::asio;

result<asio::ip::address> address_of(const std::string& host) {
  if (host.empty() || host == "localhost") {
    return asio::ip::address(asio::ip::address_v4::loopback());
  }
  boost::system::error_code problem;
  auto parsed = asio::ip::make_address(host, problem);
  if (problem) {
    return fail(error_code::bad_request, "the bridge cannot listen on " + host +
                                           ": it is no address; give one of this machine, as 127.0.0.1 or 0.0.0.0");
  }
  return parsed;
}

} // namespace

bridge_door::bridge_door(std::shared_ptr<asio::io_context> loop, access_keeper& access,
                         const bridge_server_options& options)
  : loop_(std::move(loop)), options_(options), access_(access), gate_(std::make_shared<loop_gate>(*loop_)),
    acceptor_(*loop_), grace_(*loop_), accept_pause_(*loop_) {}

bridge_door::~bridge_door() { gate_->close(); }

result<std::shared_ptr<bridge_door>> bridge_door::open(std::shared_ptr<asio::io_context> loop, access_keeper& access,
                                                       const bridge_server_options& options,
                                                       const listener_options& wish) {
  std::shared_ptr<bridge_door> made(new bridge_door(std::move(loop), access, options));
  if (auto bound = made->bind(wish); !bound) {
    return std::unexpected(bound.error());
  }
  const std::string shown = wish.host.empty() ? "127.0.0.1" : wish.host;
  made->address_ = "ws://" + (shown.find(':') == std::string::npos ? shown : "[" + shown + "]") + ":" +
                   std::to_string(made->acceptor_.local_endpoint().port());
  return made;
}

result<> bridge_door::bind(const listener_options& wish) {
  const auto host = address_of(wish.host);
  if (!host) {
    return std::unexpected(host.error());
  }
  const std::string place = wish.host + ":" + std::to_string(wish.port);
  boost::system::error_code problem;
  const tcp::endpoint endpoint(*host, wish.port);
  acceptor_.open(endpoint.protocol(), problem);
  if (!problem) {
    acceptor_.set_option(tcp::acceptor::reuse_address(true), problem);
    acceptor_.bind(endpoint, problem);
  }
  if (!problem) {
    acceptor_.listen(128, problem);
  }
  if (problem == asio::error::address_in_use) {
    return fail(error_code::conflict, "the bridge cannot listen on " + place +
                                        ": another program uses the port; end it or set another `bridge.port`");
  }
  if (problem) {
    return fail(error_code::io_error, "the bridge cannot listen on " + place + ": " + problem.message());
  }
  if (!host->is_loopback()) {
    log(log_level::warning, "the bridge is open on " + place + " without encryption; others need the token");
  }
  return {};
}

std::shared_ptr<bridge_door> bridge_door::inner(std::shared_ptr<asio::io_context> loop, access_keeper& access,
                                                const bridge_server_options& options) {
  return std::shared_ptr<bridge_door>(new bridge_door(std::move(loop), access, options));
}

void bridge_door::adopt(int socket, const http_request& opening, std::string pid) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  const bool is_known = ::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size) == 0;
  tcp::socket client(*loop_);
  boost::system::error_code fault;
  client.assign(is_known && own.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), socket, fault);
  if (fault) {
    ::close(socket);
    return;
  }
  if (closing_ || sessions_.size() >= options_.limits.max_connections) {
    log(log_level::info, "a client of a web handler was refused: " + std::to_string(sessions_.size()) + " are there");
    return;
  }
  const auto number = next_session_++;
  sessions_[number]; // taken from now on
  go_on_with_opening(std::move(client), bridge_slot(shared_from_this(), number), opening, std::move(pid));
}

void bridge_door::start_accepting() { accept_next(); }

void bridge_door::accept_next() {
  acceptor_.async_accept([self = shared_from_this()](const boost::system::error_code& problem, tcp::socket socket) {
    if (self->closing_) {
      return;
    }
    if (!problem) {
      self->admit(std::move(socket));
      self->accept_next();
      return;
    }
    // Most likely no descriptor is left: wait until some are closed.
    self->accept_pause_.expires_after(std::chrono::milliseconds(100));
    self->accept_pause_.async_wait([self](const boost::system::error_code&) {
      if (!self->closing_) {
        self->accept_next();
      }
    });
  });
}

void bridge_door::admit(tcp::socket socket) {
  if (sessions_.size() >= options_.limits.max_connections) {
    log(log_level::info, "a client was refused: " + std::to_string(sessions_.size()) + " are there");
    return;
  }
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const auto number = next_session_++;
  sessions_[number]; // taken from now on
  start_bridge_opening(std::move(socket), bridge_slot(shared_from_this(), number));
}

void bridge_door::leave(std::uint64_t number) {
  sessions_.erase(number);
  if (closing_ && sessions_.empty()) {
    grace_.cancel();
  }
}

bool bridge_door::begin_waiting() {
  if (waiting_ >= options_.limits.max_waiting) {
    return false;
  }
  ++waiting_;
  return true;
}

void bridge_door::close() {
  if (closing_) {
    return;
  }
  closing_ = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  accept_pause_.cancel();
  const auto sessions = sessions_;
  for (const auto& [number, weak] : sessions) {
    if (const auto session = weak.lock()) {
      session->close_soon();
    }
  }
  if (sessions_.empty()) {
    finish();
    return;
  }
  grace_.expires_after(options_.limits.close_grace);
  grace_.async_wait([self = shared_from_this()](const boost::system::error_code&) { self->finish(); });
}

void bridge_door::finish() {
  gate_->close();
  const auto sessions = sessions_;
  for (const auto& [number, weak] : sessions) {
    if (const auto session = weak.lock()) {
      session->close_now();
    }
  }
}

void bridge_door::log(log_level level, const std::string& text) const {
  if (options_.log) {
    options_.log(level, "bridge: " + text);
  }
}

} // namespace troupe
