#pragma once

#include "web/routes/http_types.hpp"
#include "web/routes/raw_head.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Whether a request was meant for this server and made by a page of this server or by no page at all. Holds against
/// DNS rebinding (Host) and against other sites that the user visits (Origin, Sec-Fetch-Site).
class origin_policy {
public:
  /// `host` is accepted beside the loopback names; `port` is the one that is listened on.
  origin_policy(const std::string& host, std::uint16_t port);

  /// Whether the request was meant for this server.
  std::optional<head_refusal> check_host(const http_request& request) const;
  /// Whether no page of another origin has made it.
  std::optional<head_refusal> check_page(const http_request& request) const;

  /// For requests with a cookie that change something or open a socket: a page of this server must have made them.
  bool is_own_page(const http_request& request) const;

private:
  bool is_own_host(std::string_view host) const;
  bool is_own_origin(std::string_view origin) const;

  std::vector<std::string> hosts_; ///< as they may stand in a Host field
};

/// Whether `host` names this machine's loopback interface.
bool is_loopback_name(std::string_view host) noexcept;

} // namespace troupe
