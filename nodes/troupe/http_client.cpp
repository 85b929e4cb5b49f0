#include "nodes/troupe/http_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <array>
#include <charconv>

namespace troupe::cli {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

struct server_address {
  std::string host;
  std::string port;
  std::string host_header;
};

result<server_address> parse_address(const std::string& address) {
  constexpr std::string_view scheme = "http://";
  if (!address.starts_with(scheme)) {
    return fail(error_code::bad_request, "the gateway's address is not http://host:port: " + address);
  }
  std::string rest = address.substr(scheme.size());
  rest = rest.substr(0, rest.find('/'));
  const auto colon = rest.rfind(':');
  if (colon == std::string::npos || colon + 1 == rest.size()) {
    return fail(error_code::bad_request, "the gateway's address has no port: " + address);
  }
  server_address parsed{rest.substr(0, colon), rest.substr(colon + 1), rest};
  unsigned port = 0;
  const auto read = std::from_chars(parsed.port.data(), parsed.port.data() + parsed.port.size(), port);
  if (read.ec != std::errc{} || *read.ptr != '\0' || port == 0 || port > 65535) {
    return fail(error_code::bad_request, "the gateway's address has no port: " + address);
  }
  if (parsed.host.starts_with('[') && parsed.host.ends_with(']')) {
    parsed.host = parsed.host.substr(1, parsed.host.size() - 2);
  }
  return parsed;
}

/// One request and its response over one connection, driven by the calling thread.
class exchange {
public:
  exchange(const server_address& server, const std::string& token, const http_request& request, const body_piece* piece)
      : server_(server), what_(request), piece_(piece) {
    const auto verb = http::string_to_verb(request.method);
    out_ = http::request<http::string_body>{verb, request.target, 11};
    out_.set(http::field::host, server.host_header);
    out_.set(http::field::user_agent, "troupe");
    out_.set(http::field::accept, request.accept);
    if (!request.cache_control.empty()) {
      out_.set(http::field::cache_control, request.cache_control);
    }
    out_.set(http::field::connection, "close");
    if (!token.empty()) {
      out_.set(http::field::authorization, "Bearer " + token);
    }
    if (!request.body.empty()) {
      out_.set(http::field::content_type, request.content_type);
    }
    out_.body() = request.body;
    out_.prepare_payload();
    in_.body_limit(boost::none);
  }

  result<http_response> run(const std::stop_token& stop) {
    const std::stop_callback on_stop(stop, [this] {
      asio::post(io_, [this] {
        is_stopped_ = true;
        stream_.close();
      });
    });
    connect();
    io_.run();
    if (failure_) {
      return std::unexpected(*failure_);
    }
    return std::move(response_);
  }

private:
  void connect() {
    boost::system::error_code code;
    tcp::resolver resolver(io_);
    const auto found = resolver.resolve(server_.host, server_.port, tcp::resolver::numeric_service, code);
    if (code) {
      return give_up(error_code::unavailable, code);
    }
    stream_.expires_after(std::chrono::seconds{5});
    stream_.async_connect(found, [this](boost::system::error_code failed, const tcp::endpoint&) {
      failed ? give_up(error_code::unavailable, failed) : write();
    });
  }

  void write() {
    boost::system::error_code ignored;
    stream_.socket().set_option(tcp::no_delay(true), ignored);
    arm();
    http::async_write(stream_, out_, [this](boost::system::error_code failed, std::size_t) {
      // a server that refuses a large body answers and closes before it was read
      const bool may_be_answered =
        failed == boost::system::errc::broken_pipe || failed == asio::error::connection_reset;
      failed && !may_be_answered ? give_up(error_code::io_error, failed) : read_header();
    });
  }

  void read_header() {
    http::async_read_header(stream_, buffer_, in_, [this](boost::system::error_code failed, std::size_t) {
      if (failed) {
        return give_up(error_code::io_error, failed);
      }
      response_.status = in_.get().result_int();
      response_.content_type = std::string{in_.get()[http::field::content_type]};
      read_body();
    });
  }

  void read_body() {
    if (in_.is_done()) {
      return stream_.close();
    }
    in_.get().body().data = piece_bytes_.data();
    in_.get().body().size = piece_bytes_.size();
    arm();
    http::async_read_some(stream_, buffer_, in_, [this](boost::system::error_code failed, std::size_t) {
      if (failed == http::error::need_buffer) {
        failed = {};
      }
      if (!take(std::string_view{piece_bytes_.data(), piece_bytes_.size() - in_.get().body().size})) {
        return give_up(error_code::conflict, asio::error::operation_aborted);
      }
      failed ? give_up(error_code::io_error, failed) : read_body();
    });
  }

  bool take(std::string_view bytes) {
    if (bytes.empty()) {
      return true;
    }
    if (piece_ != nullptr && response_.status == 200) {
      return (*piece_)(bytes);
    }
    response_.body.append(bytes);
    return true;
  }

  void arm() {
    if (what_.timeout) {
      stream_.expires_after(*what_.timeout);
    } else {
      stream_.expires_never();
    }
  }

  void give_up(error_code code, boost::system::error_code why) {
    stream_.close();
    const std::string where = "http://" + server_.host_header;
    if (is_stopped_ || code == error_code::conflict) {
      failure_ = error{error_code::conflict, "the exchange with " + where + " was stopped"};
    } else if (code == error_code::unavailable) {
      failure_ = error{code, where + " takes no connection: " + why.message()};
    } else if (why == beast::error::timeout) {
      failure_ = error{error_code::timed_out, where + " did not answer in time"};
    } else {
      failure_ = error{code, "the connection to " + where + " was lost: " + why.message()};
    }
  }

  const server_address& server_;
  const http_request& what_;
  const body_piece* piece_;
  asio::io_context io_{1};
  beast::tcp_stream stream_{io_};
  beast::flat_buffer buffer_{256 * 1024};
  http::request<http::string_body> out_;
  http::response_parser<http::buffer_body> in_;
  std::array<char, 64 * 1024> piece_bytes_;
  http_response response_;
  std::optional<error> failure_;
  bool is_stopped_ = false;
};

class beast_http_client final : public http_client {
public:
  beast_http_client(server_address server, std::string token) : server_(std::move(server)), token_(std::move(token)) {}

  result<http_response> call(const http_request& request, std::stop_token stop) override {
    return run(request, nullptr, stop);
  }

  result<http_response> stream(const http_request& request, const body_piece& on_piece, std::stop_token stop) override {
    return run(request, &on_piece, stop);
  }

private:
  result<http_response> run(const http_request& request, const body_piece* on_piece, const std::stop_token& stop) {
    try {
      return std::make_unique<exchange>(server_, token_, request, on_piece)->run(stop);
    } catch (const std::exception& problem) {
      return fail(error_code::internal, request.method + " " + request.target + " failed: " + problem.what());
    }
  }

  server_address server_;
  std::string token_;
};

} // namespace

result<std::unique_ptr<http_client>> make_http_client(const std::string& address, std::string token) {
  auto server = parse_address(address);
  if (!server) {
    return std::unexpected(server.error());
  }
  return std::make_unique<beast_http_client>(std::move(*server), std::move(token));
}

} // namespace troupe::cli
