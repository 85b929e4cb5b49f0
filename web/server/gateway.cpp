#include "web/server/gateway.hpp"

#include "web/server/http_session.hpp"

#include <vector>

namespace troupe {
namespace {

namespace asio = boost::asio;

constexpr int max_log_lines_a_second = 10;

/// Nothing if `host` is not a loopback address.
std::optional<asio::ip::address> loopback_of(const std::string& host) {
  if (host.empty() || host == "localhost") {
    return asio::ip::address_v4::loopback();
  }
  boost::system::error_code problem;
  const auto parsed = asio::ip::make_address(host, problem);
  if (problem || !parsed.is_loopback()) {
    return std::nullopt;
  }
  return parsed;
}

} // namespace

session_slot::~session_slot() {
  if (owner_) {
    owner_->leave(number_);
  }
}

gateway::gateway(std::shared_ptr<asio::io_context> loop, door& actors, access_keeper& access,
                 const web_server_options& options)
  : loop_(std::move(loop)), options_(options), access_(access), gate_(std::make_shared<loop_gate>(*loop_)),
    door_(actors, gate_), applications_(options.applications_folder), background_(gate_), acceptor_(*loop_), grace_(*loop_), accept_pause_(*loop_) {}

gateway::~gateway() { gate_->close(); }

result<std::shared_ptr<gateway>> gateway::open(std::shared_ptr<asio::io_context> loop, door& actors,
                                               access_keeper& access, const web_server_options& options,
                                               const listener_options& wish) {
  std::shared_ptr<gateway> made(new gateway(std::move(loop), actors, access, options));
  if (auto bound = made->bind(wish); !bound) {
    return std::unexpected(bound.error());
  }
  const auto port = made->acceptor_.local_endpoint().port();
  const std::string shown = wish.host.empty() ? "127.0.0.1" : wish.host;
  made->address_ = "http://" + (shown.find(':') == std::string::npos ? shown : "[" + shown + "]") + ":" + std::to_string(port);
  web_world world{made->door_, access, static_cast<web_timer&>(*made), made->counters_};
  world.applications = options.applications_folder.empty() ? nullptr : &made->applications_;
  world.background = &made->background_;
  world.address = made->address_;
  world.cookie = "troupe_session_" + std::to_string(port);
  world.version = options.version;
  world.history = options.history;
  world.log_file = options.log_file;
  world.page_size = wish.page_size > 0 ? wish.page_size : 5;
  world.max_message_bytes = options.limits.max_message_bytes;
  made->site_.emplace(std::move(world), shown, port);
  return made;
}

result<> gateway::bind(const listener_options& wish) {
  const std::string place = wish.host + ":" + std::to_string(wish.port);
  const auto host = loopback_of(wish.host);
  if (!host) {
    return fail(error_code::not_supported,
                "the gateway does not open on " + place +
                  ": it has no TLS, so it serves loopback addresses only; use 127.0.0.1 and a tunnel (ssh -L)");
  }
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
    return fail(error_code::conflict, "the gateway cannot listen on " + place +
                                        ": another program uses the port; end it or set another `port`");
  }
  if (problem) {
    return fail(error_code::io_error, "the gateway cannot listen on " + place + ": " + problem.message());
  }
  return {};
}

void gateway::start_accepting() { accept_next(); }

void gateway::accept_next() {
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

void gateway::admit(tcp::socket socket) {
  ++counters_.connections;
  if (sessions_.size() >= options_.limits.max_connections && !make_room()) {
    ++counters_.connections_refused;
    log_client("a connection was refused: " + std::to_string(sessions_.size()) + " are open");
    return;
  }
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  const auto number = next_session_++;
  sessions_[number]; // taken from now on
  counters_.connections_open = sessions_.size();
  start_http_session(std::move(socket), shared_from_this(), session_slot(shared_from_this(), number));
}

bool gateway::make_room() {
  for (const auto& [number, weak] : sessions_) {
    const auto session = weak.lock();
    if (session && session->is_evictable()) {
      ++counters_.connections_refused;
      log_client("the oldest connection without a request was closed: too many are open");
      sessions_.erase(number);
      session->close_now();
      return true;
    }
  }
  return false;
}

void gateway::leave(std::uint64_t number) {
  sessions_.erase(number);
  counters_.connections_open = sessions_.size();
  if (closing_ && sessions_.empty()) {
    grace_.cancel();
  }
}

bool gateway::reserve_body(std::size_t bytes) {
  if (body_bytes_ + bytes > options_.limits.max_body_total) {
    return false;
  }
  body_bytes_ += bytes;
  return true;
}

void gateway::close() {
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

void gateway::finish() {
  gate_->close();
  const auto sessions = sessions_;
  for (const auto& [number, weak] : sessions) {
    if (const auto session = weak.lock()) {
      session->close_now();
    }
  }
}

void gateway::after(std::chrono::milliseconds time, std::function<void()> done) {
  auto timer = std::make_shared<asio::steady_timer>(*loop_, time);
  timer->async_wait([self = weak_from_this(), timer, done = std::move(done)](const boost::system::error_code& problem) {
    const auto owner = self.lock();
    if (!problem && owner && !owner->closing_) {
      done();
    }
  });
}

void gateway::log_client(const std::string& text) {
  const auto now = std::chrono::steady_clock::now();
  if (now - log_second_ >= std::chrono::seconds(1)) {
    log_second_ = now;
    logged_ = 0;
  }
  if (options_.log && logged_++ < max_log_lines_a_second) {
    options_.log(log_level::info, "gateway: " + text);
  }
}

} // namespace troupe
