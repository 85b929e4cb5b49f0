#include "tests/bench/static/bare_file_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <string>
#include <thread>

namespace bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

class session : public std::enable_shared_from_this<session> {
public:
  session(tcp::socket socket, const std::string& root) : stream_(std::move(socket)), root_(root) {}

  void read() {
    request_ = {};
    stream_.expires_after(std::chrono::seconds(30));
    http::async_read(stream_, buffer_, request_, [self = shared_from_this()](beast::error_code fault, std::size_t) {
      if (!fault) {
        self->answer();
      }
    });
  }

private:
  void answer() {
    beast::error_code fault;
    http::file_body::value_type body;
    body.open((root_ + std::string(request_.target())).c_str(), beast::file_mode::scan, fault);
    auto response = std::make_shared<http::response<http::file_body>>();
    response->result(fault ? http::status::not_found : http::status::ok);
    response->version(request_.version());
    response->set(http::field::server, "bare");
    response->set(http::field::content_type, "text/html");
    const auto size = fault ? 0 : body.size();
    response->body() = std::move(body);
    response->content_length(size);
    response->keep_alive(request_.keep_alive());
    http::async_write(stream_, *response, [self = shared_from_this(), response](beast::error_code bad, std::size_t) {
      if (!bad) {
        self->read();
      }
    });
  }

  beast::tcp_stream stream_;
  const std::string& root_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
};

} // namespace

struct bare_file_server::parts {
  explicit parts(std::string folder)
    : root(std::move(folder)), acceptor(loop, {asio::ip::address_v4::loopback(), 0}), thread([this] {
        accept();
        loop.run();
      }) {}

  void accept() {
    acceptor.async_accept([this](beast::error_code fault, tcp::socket socket) {
      if (!fault) {
        socket.set_option(tcp::no_delay(true));
        std::make_shared<session>(std::move(socket), root)->read();
        accept();
      }
    });
  }

  std::string root;
  asio::io_context loop{1};
  tcp::acceptor acceptor;
  std::thread thread;
};

bare_file_server::bare_file_server(std::filesystem::path root) : parts_(std::make_unique<parts>(root.string())) {}

bare_file_server::~bare_file_server() {
  parts_->loop.stop();
  parts_->thread.join();
}

std::uint16_t bare_file_server::port() const { return parts_->acceptor.local_endpoint().port(); }

} // namespace bench
