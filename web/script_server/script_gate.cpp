#include "web/script_server/script_gate.hpp"

#include "runtime/access/access_keeper.hpp"
#include "runtime/access/connection_owner.hpp"
#include "web/routes/admission.hpp"
#include "web/routes/origin_policy.hpp"
#include "web/routes/problem.hpp"

#include <algorithm>
#include <string>

namespace troupe {
namespace {

constexpr std::string_view own_scheme = "http://";

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

/// `name:port` without its port.
std::string_view name_of(std::string_view authority) {
  const auto colon = authority.rfind(':');
  const bool is_port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  return is_port ? authority.substr(0, colon) : authority;
}

bool is_loopback_address(std::string_view address) {
  return address == "::1" || address.starts_with("127.") || address.starts_with("::ffff:127.");
}

/// What a browser says of the page that makes it send this. Programs say nothing.
std::optional<http_response> check_page(const http_request& request, const std::string& host) {
  const auto origins = request.count("origin");
  if (origins > 1 || (origins == 1 && lower(request.field("origin")) != std::string(own_scheme) + host)) {
    return problem(403, "requests from pages of another origin are refused");
  }
  const auto sites = request.count("sec-fetch-site");
  const auto site = request.field("sec-fetch-site");
  if (sites > 1 || (sites == 1 && site != "same-origin" && site != "none")) {
    return problem(403, "requests that another site started are refused");
  }
  return std::nullopt;
}

} // namespace

std::optional<std::uint32_t> owner_of_peer(const http_peer& peer) {
  return connection_owner({peer.remote.address, peer.remote.port}, {peer.local.address, peer.local.port});
}

bool script_gate::is_own(http_peer& peer) const {
  if (!peer.is_known) {
    const auto owner = is_loopback_address(peer.remote.address) ? owner_(peer) : std::nullopt;
    peer.is_known = owner && (*owner == own_user_ || *owner == 0);
  }
  return *peer.is_known;
}

std::optional<http_response> script_gate::check(const http_request& request, http_peer& peer) const {
  if (request.count("host") != 1) {
    return problem(400, "a request needs exactly one Host field");
  }
  const auto host = lower(request.field("host"));
  if (auto refusal = check_page(request, host)) {
    return refusal;
  }
  if (request.count("authorization") > 0) {
    const auto token = bearer_of(request);
    return token && access_.is_token(*token) ? std::nullopt
                                             : std::optional{problem(401, "this is not the token of this system")};
  }
  if (!is_loopback_name(name_of(host))) {
    return problem(421, "without the token this server answers for the Host localhost or 127.0.0.1 only");
  }
  if (!is_own(peer)) {
    return problem(401, "only the user of this system, and root, may use it from this machine without a token; send "
                        "`Authorization: Bearer <token>`");
  }
  return std::nullopt;
}

} // namespace troupe
