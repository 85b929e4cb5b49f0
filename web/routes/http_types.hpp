#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

struct http_field {
  std::string name; ///< in a request: lower case
  std::string value;
};

/// How a caller proved who they are.
enum class caller_kind {
  stranger, ///< not at all
  token,    ///< the installation's token: a program
  session,  ///< a browser that logged in
};

/// One request, read and checked. `path` is as sent; parts of it are decoded by the route table.
struct http_request {
  std::string method;
  std::string target;
  std::string path;
  std::vector<std::pair<std::string, std::string>> query; ///< decoded
  std::vector<http_field> fields;
  std::string body;
  caller_kind caller = caller_kind::stranger;
  bool is_foreign = false; ///< a page of another origin has made it

  std::size_t count(std::string_view name) const noexcept {
    std::size_t found = 0;
    for (const auto& field : fields) {
      found += field.name == name;
    }
    return found;
  }

  /// The first value, or empty.
  std::string_view field(std::string_view name) const noexcept {
    for (const auto& each : fields) {
      if (each.name == name) {
        return each.value;
      }
    }
    return {};
  }

  /// The first value, or null.
  const std::string* query_value(std::string_view name) const noexcept {
    for (const auto& [key, value] : query) {
      if (key == name) {
        return &value;
      }
    }
    return nullptr;
  }
};

struct socket_place {
  std::string address; ///< as text, as `127.0.0.1` or `::1`
  std::uint16_t port = 0;
};

/// Who is at the other end of a connection. `is_known` keeps what was found out about them.
struct http_peer {
  socket_place remote;
  socket_place local;
  std::optional<bool> is_known = std::nullopt;
};

/// One answer. With `body` it is whole; the head of a stream has none.
struct http_response {
  unsigned status = 200;
  std::string content_type;
  std::string body;
  std::vector<http_field> fields;
};

} // namespace troupe
