#pragma once

#include <troupe/result.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace troupe::cli {

struct http_request {
  std::string method = "GET";
  std::string target = "/";
  std::string body;
  std::string content_type = "application/json";
  std::string accept = "application/json";
  std::string cache_control; ///< empty: not sent
  /// For the whole exchange, and for each piece of a stream; none: as long as it takes.
  std::optional<std::chrono::milliseconds> timeout = std::chrono::seconds{15};
};

struct http_response {
  int status = 0;
  std::string content_type;
  std::string body;
};

/// A piece of a body as it comes; false ends the exchange.
using body_piece = std::function<bool(std::string_view bytes)>;

/// One server. Each exchange has a connection of its own and ends within the calling thread; safe to be used from
/// several threads at once. Fails with `unavailable` (nobody takes the connection), `io_error` (it broke in the
/// middle), `timed_out`, or `conflict` (stopped by the caller).
class http_client {
public:
  virtual ~http_client() = default;

  virtual result<http_response> call(const http_request& request, std::stop_token stop = {}) = 0;

  /// As `call`, but a body with status 200 goes to `on_piece` as it comes.
  virtual result<http_response> stream(const http_request& request, const body_piece& on_piece,
                                       std::stop_token stop = {}) = 0;
};

/// The real body. `address` is `http://host:port`; fails with `bad_request` if it is not.
result<std::unique_ptr<http_client>> make_http_client(const std::string& address, std::string token);

} // namespace troupe::cli
