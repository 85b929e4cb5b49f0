#include "web/port/web_port.hpp"

namespace troupe {

namespace asio = boost::asio;

session_slot::~session_slot() {
  if (owner_) {
    owner_->leave(number_);
  }
}

result<asio::ip::address> listening_address(const std::string& host) {
  if (host.empty() || host == "localhost") {
    return asio::ip::address(asio::ip::address_v4::loopback());
  }
  boost::system::error_code problem;
  auto parsed = asio::ip::make_address(host, problem);
  if (problem) {
    return fail(error_code::bad_request, host + " is no address; give one of this machine, as 127.0.0.1 or 0.0.0.0");
  }
  return parsed;
}

std::string shown_place(const std::string& host, std::uint16_t port) {
  const std::string shown = host.empty() ? "127.0.0.1" : host;
  return (shown.find(':') == std::string::npos ? shown : "[" + shown + "]") + ":" + std::to_string(port);
}

web_port::web_port(std::shared_ptr<asio::io_context> loop, port_plan plan)
  : loop_(std::move(loop)), plan_(std::move(plan)), gate_(std::make_shared<loop_gate>(*loop_)), acceptor_(*loop_),
    grace_(*loop_), accept_pause_(*loop_) {}

web_port::~web_port() { gate_->close(); }

result<> web_port::bind(const asio::ip::address& host, const listener_options& wish) {
  const std::string place = wish.host + ":" + std::to_string(wish.port);
  boost::system::error_code problem;
  const tcp::endpoint endpoint(host, wish.port);
  acceptor_.open(endpoint.protocol(), problem);
  if (!problem) {
    acceptor_.set_option(tcp::acceptor::reuse_address(true), problem);
    acceptor_.bind(endpoint, problem);
  }
  if (!problem) {
    acceptor_.listen(128, problem);
  }
  if (problem == asio::error::address_in_use) {
    return fail(error_code::conflict, plan_.name + " cannot listen on " + place +
                                        ": another program uses the port; end it or set another `" + plan_.port_setting + "`");
  }
  if (problem) {
    return fail(error_code::io_error, plan_.name + " cannot listen on " + place + ": " + problem.message());
  }
  number_ = acceptor_.local_endpoint(problem).port();
  address_ = plan_.scheme + "://" + shown_place(wish.host, number_);
  return {};
}

void web_port::start_accepting() { accept_next(); }

void web_port::accept_next() {
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

void web_port::admit(tcp::socket socket) {
  if (auto slot = take_place()) {
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    serve(std::move(socket), std::move(*slot));
  }
}

std::optional<session_slot> web_port::take_place() {
  if (closing_ || (sessions_.size() >= plan_.max_connections && !make_room())) {
    on_refused("a connection was refused: " + std::to_string(sessions_.size()) + " are open");
    return std::nullopt;
  }
  const auto number = next_session_++;
  sessions_[number]; // taken from now on
  on_connections(sessions_.size());
  return session_slot(shared_from_this(), number);
}

bool web_port::make_room() {
  for (const auto& [number, weak] : sessions_) {
    const auto session = weak.lock();
    if (session && session->is_evictable()) {
      on_refused("the oldest connection without a request was closed: too many are open");
      sessions_.erase(number);
      session->close_now();
      return true;
    }
  }
  return false;
}

void web_port::leave(std::uint64_t number) {
  sessions_.erase(number);
  on_connections(sessions_.size());
  if (closing_ && sessions_.empty()) {
    grace_.cancel();
  }
}

void web_port::close() {
  if (closing_) {
    return;
  }
  closing_ = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  accept_pause_.cancel();
  on_close();
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
  grace_.expires_after(plan_.close_grace);
  grace_.async_wait([self = shared_from_this()](const boost::system::error_code&) { self->finish(); });
}

void web_port::finish() {
  gate_->close();
  const auto sessions = sessions_;
  for (const auto& [number, weak] : sessions) {
    if (const auto session = weak.lock()) {
      session->close_now();
    }
  }
}

} // namespace troupe
