#include "web/server/http_messages.hpp"

#include "web/routes/problem.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/write.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <sstream>

namespace troupe {
namespace {

namespace http = boost::beast::http;

std::string date_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[40];
  const auto size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text, size};
}

/// Values that we make ourselves hold no line ends; should one, it does not become a header of its own.
std::string one_line(std::string value) {
  std::erase_if(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  return value;
}

template <class Body>
void fill_head(http::response<Body>& message, http_response& from, bool version_11, bool keep_alive) {
  message.version(version_11 ? 11 : 10);
  message.result(from.status);
  message.reason(reason_phrase(from.status));
  message.set(http::field::server, "troupe");
  message.set(http::field::date, date_now());
  message.set(http::field::cache_control, "no-store");
  message.set("X-Content-Type-Options", "nosniff");
  message.set("X-Frame-Options", "DENY");
  message.set("Referrer-Policy", "same-origin");
  message.set("Cross-Origin-Resource-Policy", "same-origin");
  message.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  if (!from.content_type.empty()) {
    message.set(http::field::content_type, from.content_type);
  }
  for (auto& field : from.fields) {
    message.set(field.name, one_line(std::move(field.value)));
  }
  message.keep_alive(keep_alive);
}

} // namespace

http_request read_request_head(const http::request<http::string_body>& message) {
  http_request out;
  out.method = std::string(message.method_string());
  out.target = std::string(message.target());
  for (const auto& field : message) {
    std::string name(field.name_string());
    std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    out.fields.push_back({std::move(name), std::string(field.value())});
  }
  return out;
}

http::response<http::string_body> make_message(http_response whole, bool head_only, bool version_11, bool keep_alive) {
  http::response<http::string_body> message;
  fill_head(message, whole, version_11, keep_alive);
  if (head_only) {
    message.content_length(whole.body.size());
  } else {
    message.body() = std::move(whole.body);
    message.prepare_payload();
  }
  return message;
}

bool take_body(body_parser& parser, boost::beast::flat_buffer& from, std::size_t length) {
  if (from.size() < length) {
    return false;
  }
  boost::system::error_code fault;
  parser.eager(true);
  while (!fault && !parser.is_done()) {
    from.consume(parser.put(from.data(), fault));
  }
  return !fault;
}

std::string stream_head(http_response head, bool version_11, bool keep_alive) {
  http::response<http::empty_body> message;
  fill_head(message, head, version_11, keep_alive);
  if (version_11) {
    message.chunked(true);
  }
  std::ostringstream out;
  out << message.base();
  return out.str();
}

std::string chunk_of(std::string_view piece) {
  std::string out = fmt::format("{:x}\r\n", piece.size());
  out.reserve(out.size() + piece.size() + 2);
  out += piece;
  out += "\r\n";
  return out;
}

} // namespace troupe
