#include "web/routes/origin_policy.hpp"

#include <algorithm>

namespace troupe {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

} // namespace

bool is_loopback_name(std::string_view host) noexcept {
  return host == "localhost" || host == "::1" || host == "[::1]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

origin_policy::origin_policy(const std::string& host, std::uint16_t port) {
  std::vector<std::string> names{"localhost", "127.0.0.1", "[::1]"};
  if (!host.empty()) {
    names.push_back(host.find(':') != std::string::npos && host.front() != '[' ? "[" + host + "]" : lower(host));
  }
  for (const auto& name : names) {
    hosts_.push_back(name + ":" + std::to_string(port));
    if (port == 80) {
      hosts_.push_back(name);
    }
  }
}

bool origin_policy::is_own_host(std::string_view host) const {
  return std::ranges::find(hosts_, lower(host)) != hosts_.end();
}

bool origin_policy::is_own_origin(std::string_view origin) const {
  constexpr std::string_view scheme = "http://";
  return origin.starts_with(scheme) && is_own_host(origin.substr(scheme.size()));
}

std::optional<head_refusal> origin_policy::check_host(const http_request& request) const {
  if (request.count("host") != 1) {
    return head_refusal{400, "a request needs exactly one Host field"};
  }
  if (!is_own_host(request.field("host"))) {
    return head_refusal{421, "this server does not answer for that Host; use the address that `troupe status` prints"};
  }
  return std::nullopt;
}

std::optional<head_refusal> origin_policy::check_page(const http_request& request) const {
  if (request.count("origin") > 1 ||
      (request.count("origin") == 1 && !is_own_origin(request.field("origin")))) {
    return head_refusal{403, "requests from pages of another origin are refused"};
  }
  if (request.count("sec-fetch-site") > 1) {
    return head_refusal{403, "more than one Sec-Fetch-Site field"};
  }
  if (request.count("sec-fetch-site") == 1) {
    const auto site = request.field("sec-fetch-site");
    if (site != "same-origin" && site != "none") {
      return head_refusal{403, "requests that another site started are refused; open the address by hand"};
    }
  }
  return std::nullopt;
}

bool origin_policy::is_own_page(const http_request& request) const {
  return is_own_origin(request.field("origin")) || request.field("sec-fetch-site") == "same-origin";
}

} // namespace troupe
