#include "tests/process/bridge/bridge_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

namespace troupe {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

constexpr std::chrono::seconds patience{20};

} // namespace

struct bridge_client::state {
  asio::io_context io;
  websocket::stream<beast::tcp_stream> stream{io};
  websocket::response_type answer;
  beast::flat_buffer buffer;
  unsigned status = 0;

  template <class Start>
  beast::error_code step(Start start) {
    beast::error_code failure = asio::error::timed_out;
    beast::get_lowest_layer(stream).expires_after(patience);
    io.restart();
    start([&failure](beast::error_code problem, auto&&...) { failure = problem; });
    io.run();
    return failure;
  }
};

bridge_client::bridge_client(std::uint16_t port, const std::string& target, const std::vector<header>& headers,
                             const std::string& host)
  : state_(std::make_unique<state>()) {
  auto& stream = state_->stream;
  const asio::ip::tcp::endpoint where(asio::ip::make_address(host), port);
  if (state_->step([&](auto done) { beast::get_lowest_layer(stream).async_connect(where, done); })) {
    return;
  }
  beast::get_lowest_layer(stream).socket().set_option(asio::ip::tcp::no_delay(true));
  stream.read_message_max(0);
  stream.write_buffer_bytes(64u << 10);
  stream.set_option(websocket::stream_base::decorator([headers](websocket::request_type& request) {
    for (const auto& [name, value] : headers) {
      request.set(name, value);
    }
  }));
  const auto failure = state_->step([&](auto done) {
    stream.async_handshake(state_->answer, host + ":" + std::to_string(port), target, done);
  });
  if (!failure || failure == websocket::error::upgrade_declined) {
    state_->status = state_->answer.result_int();
  }
}

bridge_client::~bridge_client() {
  if (state_) {
    vanish();
  }
}

bridge_client::bridge_client(bridge_client&&) noexcept = default;

unsigned bridge_client::status() const { return state_->status; }

bool bridge_client::send(const std::string& payload, bool text) { return send_part(payload, true, text); }

bool bridge_client::send_part(const std::string& payload, bool last, bool text) {
  state_->stream.text(text);
  return !state_->step([&](auto done) { state_->stream.async_write_some(last, asio::buffer(payload), done); });
}

bridge_client::received bridge_client::receive() {
  auto& stream = state_->stream;
  state_->buffer.clear();
  const auto failure = state_->step([&](auto done) { stream.async_read(state_->buffer, done); });
  received out;
  if (failure == websocket::error::closed) {
    out.code = stream.reason().code;
    out.payload = std::string(stream.reason().reason.data(), stream.reason().reason.size());
    return out;
  }
  out.failed = static_cast<bool>(failure);
  out.text = stream.got_text();
  out.payload = beast::buffers_to_string(state_->buffer.data());
  return out;
}

void bridge_client::close(std::uint16_t code, const std::string& reason) {
  websocket::close_reason why(static_cast<websocket::close_code>(code));
  why.reason.assign(reason.data(), reason.size());
  state_->step([&](auto done) { state_->stream.async_close(why, done); });
}

void bridge_client::vanish() {
  beast::error_code ignored;
  beast::get_lowest_layer(state_->stream).socket().close(ignored);
}

} // namespace troupe
