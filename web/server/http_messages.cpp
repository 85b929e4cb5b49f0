#include "web/server/http_messages.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace troupe {

namespace http = boost::beast::http;

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

std::string chunk_of(std::string_view piece) {
  std::string out = fmt::format("{:x}\r\n", piece.size());
  out.reserve(out.size() + piece.size() + 2);
  out += piece;
  out += "\r\n";
  return out;
}

} // namespace troupe
