#include "web/server/http_port.hpp"

#include "web/server/http_session.hpp"

#include <sys/socket.h>

namespace troupe {
namespace {

namespace asio = boost::asio;

constexpr int max_log_lines_a_second = 10;

socket_place place_of(const http_port::tcp::endpoint& end) { return {end.address().to_string(), end.port()}; }

} // namespace

http_port::http_port(std::shared_ptr<asio::io_context> loop, http_plan plan)
  : web_port(std::move(loop), {plan.name, "http", plan.port_setting, plan.limits.max_connections, plan.limits.close_grace}),
    plan_(std::move(plan)) {
  background_.emplace(gate());
}

void http_port::stop_work() {
  gate()->close();
  background_.reset();
}

void http_port::serve(tcp::socket socket, session_slot slot) {
  ++counters_.connections;
  start_http_session(std::move(socket), std::static_pointer_cast<http_port>(shared_from_this()), std::move(slot));
}

void http_port::on_refused(const std::string& text) {
  ++counters_.connections_refused;
  log_client(text);
}

bool http_port::reserve_body(std::size_t bytes) {
  if (body_bytes_ + bytes > plan_.limits.max_body_total) {
    return false;
  }
  body_bytes_ += bytes;
  return true;
}

void http_port::after(std::chrono::milliseconds time, std::function<void()> done) {
  auto timer = std::make_shared<asio::steady_timer>(loop(), time);
  timer->async_wait([self = weak_from_this(), timer, done = std::move(done)](const boost::system::error_code& problem) {
    const auto owner = self.lock();
    if (!problem && owner && !owner->is_closing()) {
      done();
    }
  });
}

void http_port::log_client(const std::string& text) {
  const auto now = std::chrono::steady_clock::now();
  if (now - log_second_ >= std::chrono::seconds(1)) {
    log_second_ = now;
    logged_ = 0;
  }
  if (plan_.log && logged_++ < max_log_lines_a_second) {
    plan_.log(log_level::info, plan_.log_name + ": " + text);
  }
}

http_peer peer_of(const http_port::tcp::socket& socket) {
  boost::system::error_code ignored;
  return {place_of(socket.remote_endpoint(ignored)), place_of(socket.local_endpoint(ignored))};
}

bool has_left(const http_port::tcp::socket& socket) {
  char byte = 0;
  auto& native = const_cast<http_port::tcp::socket&>(socket); // the number of the descriptor only
  return ::recv(native.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

} // namespace troupe
