#include "tests/system/harness/http_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <stdexcept>

namespace system_test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

gateway_address gateway_address::parse(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (url.rfind(scheme, 0) != 0) {
    throw std::runtime_error("no http address: " + std::string(url));
  }
  url.remove_prefix(scheme.size());
  url = url.substr(0, url.find('/'));
  const auto colon = url.rfind(':');
  if (colon == std::string_view::npos) {
    throw std::runtime_error("no port in the address " + std::string(url));
  }
  gateway_address out;
  out.host = url.substr(0, colon);
  out.port = static_cast<std::uint16_t>(std::stoi(std::string(url.substr(colon + 1))));
  return out;
}

std::string http_answer::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (beast::iequals(key, name)) {
      return value;
    }
  }
  return {};
}

namespace {

constexpr std::uint64_t body_limit = 512ull << 20;

/// Runs one asynchronous step to its end; the deadline is that of the stream.
class exchange {
public:
  exchange(const gateway_address& where, const http_call& what) : stream_(io_) {
    stream_.expires_after(scaled(what.limit));
    beast::error_code failure;
    step(failure, [&](auto done) {
      stream_.async_connect(tcp::endpoint(asio::ip::make_address(where.host), where.port), done);
    });
    check("connect to " + where.authority(), failure);
    http::request<http::string_body> request{http::string_to_verb(what.method), what.target, 11};
    if (request.method() == http::verb::unknown) {
      request.method_string(what.method);
    }
    request.set(http::field::host, where.authority());
    request.set(http::field::connection, "close");
    for (const auto& [name, value] : what.headers) {
      request.set(name, value);
    }
    request.body() = what.body;
    if (!what.body.empty() || what.method == "POST" || what.method == "PUT") {
      request.prepare_payload();
    }
    step(failure, [&](auto done) {
      http::async_write(stream_, request, [done](beast::error_code problem, std::size_t) mutable { done(problem); });
    });
    // A refusal may come before the whole request was taken: then there is an answer to read all the same.
    parser_.body_limit(body_limit);
    parser_.eager(true);
    is_head_ = request.method() == http::verb::head;
    parser_.skip(is_head_);
  }

  void read_header() {
    beast::error_code failure;
    step(failure, [&](auto done) {
      http::async_read_header(stream_, buffer_, parser_,
                              [done](beast::error_code problem, std::size_t) mutable { done(problem); });
    });
    check("read the answer's header", failure);
  }

  /// False at the end of the body.
  bool read_some() {
    if (parser_.is_done()) {
      return false;
    }
    beast::error_code failure;
    step(failure, [&](auto done) {
      http::async_read_some(stream_, buffer_, parser_,
                            [done](beast::error_code problem, std::size_t) mutable { done(problem); });
    });
    check("read the answer's body", failure);
    return true;
  }

  std::string& body() { return parser_.get().body(); }

  http_answer answer() {
    http_answer out;
    out.status = static_cast<int>(parser_.get().result_int());
    for (const auto& field : parser_.get()) {
      out.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    return out;
  }

private:
  template <class Start>
  void step(beast::error_code& failure, Start start) {
    io_.restart();
    start([&failure](beast::error_code problem) { failure = problem; });
    io_.run();
  }

  static void check(const std::string& what, const beast::error_code& failure) {
    if (failure) {
      throw std::runtime_error("cannot " + what + ": " + failure.message());
    }
  }

  asio::io_context io_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
  bool is_head_ = false;
};

} // namespace

http_answer http_request(const gateway_address& where, const http_call& what) {
  try {
    exchange call(where, what);
    call.read_header();
    while (call.read_some()) {
    }
    http_answer out = call.answer();
    out.body = std::move(call.body());
    return out;
  } catch (const std::exception& problem) {
    return {0, {}, problem.what()};
  }
}

http_answer http_lines(const gateway_address& where, const http_call& what,
                       const std::function<bool(std::string_view)>& on_line) {
  try {
    exchange call(where, what);
    call.read_header();
    http_answer out = call.answer();
    std::string& body = call.body();
    bool more = true;
    while (true) {
      std::size_t begin = 0;
      for (auto end = body.find('\n'); more && end != std::string::npos; end = body.find('\n', begin)) {
        more = on_line(std::string_view(body).substr(begin, end - begin));
        begin = end + 1;
      }
      body.erase(0, begin);
      if (!more || !call.read_some()) {
        break;
      }
    }
    out.body = body;
    return out;
  } catch (const std::exception& problem) {
    return {0, {}, problem.what()};
  }
}

} // namespace system_test
