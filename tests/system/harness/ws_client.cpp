#include "tests/system/harness/ws_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

#include <stdexcept>

namespace system_test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;

struct ws_client::state {
  asio::io_context io;
  websocket::stream<beast::tcp_stream> stream{io};
  beast::flat_buffer buffer;

  template <class Start>
  beast::error_code step(Start start) {
    beast::error_code failure;
    io.restart();
    start([&failure](beast::error_code problem, auto&&...) { failure = problem; });
    io.run();
    return failure;
  }
};

ws_client::ws_client(const gateway_address& where, std::string_view token, std::string_view target)
    : state_(std::make_unique<state>()) {
  auto& lowest = beast::get_lowest_layer(state_->stream);
  lowest.expires_after(scaled(5s));
  auto failure = state_->step(
    [&](auto done) { lowest.async_connect(tcp::endpoint(asio::ip::make_address(where.host), where.port), done); });
  if (failure) {
    throw std::runtime_error("cannot connect to " + where.authority() + ": " + failure.message());
  }
  const std::string authorization = "Bearer " + std::string(token);
  state_->stream.set_option(websocket::stream_base::decorator([authorization](websocket::request_type& request) {
    request.set(beast::http::field::authorization, authorization);
  }));
  state_->stream.read_message_max(256u << 20);
  websocket::response_type answer;
  failure = state_->step(
    [&](auto done) { state_->stream.async_handshake(answer, where.authority(), std::string(target), done); });
  if (failure) {
    throw std::runtime_error("the web socket was refused: " + failure.message() + ", status " +
                             std::to_string(answer.result_int()));
  }
}

ws_client::~ws_client() {
  beast::error_code ignored;
  beast::get_lowest_layer(state_->stream).socket().close(ignored);
}

void ws_client::send_text(std::string_view text) {
  beast::get_lowest_layer(state_->stream).expires_after(scaled(10s));
  state_->stream.text(true);
  const auto failure = state_->step([&](auto done) { state_->stream.async_write(asio::buffer(text), done); });
  if (failure) {
    throw std::runtime_error("cannot write to the web socket: " + failure.message());
  }
}

std::optional<std::string> ws_client::receive(milliseconds limit) {
  beast::get_lowest_layer(state_->stream).expires_after(scaled(limit));
  state_->buffer.clear();
  if (state_->step([&](auto done) { state_->stream.async_read(state_->buffer, done); })) {
    return std::nullopt;
  }
  return beast::buffers_to_string(state_->buffer.data());
}

} // namespace system_test
