#include "tests/bench/scripts/hello_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <string>
#include <thread>

namespace bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

class hello_session : public std::enable_shared_from_this<hello_session> {
public:
  hello_session(tcp::socket socket, const std::string& body) : stream_(std::move(socket)), body_(body) {}

  void read() {
    request_ = {};
    http::async_read(stream_, buffer_, request_, [self = shared_from_this()](const beast::error_code& fault, std::size_t) {
      if (!fault) {
        self->answer();
      }
    });
  }

private:
  void answer() {
    response_ = {http::status::ok, request_.version()};
    response_.set(http::field::content_type, "application/json");
    response_.keep_alive(request_.keep_alive());
    response_.body() = body_;
    response_.prepare_payload();
    http::async_write(stream_, response_, [self = shared_from_this()](const beast::error_code& fault, std::size_t) {
      if (!fault) {
        self->read();
      }
    });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  const std::string& body_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

} // namespace

struct hello_server::parts {
  explicit parts(std::size_t bytes) : body(bytes, 'x'), acceptor(loop, {asio::ip::address_v4::loopback(), 0}) {
    accept();
    thread = std::thread([this] { loop.run(); });
  }
  ~parts() {
    loop.stop();
    thread.join();
  }
  void accept() {
    acceptor.async_accept([this](const beast::error_code& fault, tcp::socket socket) {
      if (!fault) {
        socket.set_option(tcp::no_delay(true));
        std::make_shared<hello_session>(std::move(socket), body)->read();
        accept();
      }
    });
  }

  std::string body;
  asio::io_context loop{1};
  tcp::acceptor acceptor;
  std::thread thread;
};

hello_server::hello_server(std::size_t body_bytes) : parts_(std::make_unique<parts>(body_bytes)) {}
hello_server::~hello_server() = default;
std::uint16_t hello_server::port() const { return parts_->acceptor.local_endpoint().port(); }

} // namespace bench
