#pragma once

#include "tests/system/harness/deadline.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace system_test {

/// Where a gateway listens.
struct gateway_address {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;

  /// From `http://127.0.0.1:9090` (a path behind it is ignored). Throws on anything else.
  static gateway_address parse(std::string_view url);
  std::string authority() const { return host + ":" + std::to_string(port); }
};

struct http_call {
  std::string method = "GET";
  std::string target = "/";
  std::map<std::string, std::string> headers; ///< `Host` is added
  std::string body;
  milliseconds limit{10'000};
};

struct http_answer {
  int status = 0; ///< 0: no answer, `body` says why
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string header(std::string_view name) const;
};

/// One request on a connection of its own.
http_answer http_request(const gateway_address& where, const http_call& what);

/// As `http_request` for a chunked answer: every line goes to `on_line` as it comes; false from it ends the reading.
/// The body of what is returned holds the rest behind the last newline.
http_answer http_lines(const gateway_address& where, const http_call& what,
                       const std::function<bool(std::string_view)>& on_line);

} // namespace system_test
