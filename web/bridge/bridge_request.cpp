#include "web/bridge/bridge_request.hpp"

#include "runtime/task_id/task_id.hpp"
#include "web/routes/origin_policy.hpp"
#include "web/routes/problem.hpp"
#include "web/routes/raw_head.hpp"
#include "web/routes/ws_handshake.hpp"

#include <algorithm>
#include <optional>

namespace troupe {
namespace {

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

bool is_own_origin(std::string_view origin, std::string_view host) {
  const auto mark = origin.find("://");
  if (mark == std::string_view::npos) {
    return false;
  }
  const auto authority = lower(origin.substr(mark + 3));
  return authority == lower(host) || is_loopback_name(name_of(authority));
}

std::optional<http_response> check_origin(const http_request& request) {
  if (request.count("host") != 1) {
    return problem(400, "a request needs exactly one Host field");
  }
  const auto origins = request.count("origin");
  if (origins > 1 || (origins == 1 && !is_own_origin(request.field("origin"), request.field("host")))) {
    return problem(403, "requests from pages of another origin are refused");
  }
  const auto site = request.field("sec-fetch-site");
  if (site == "cross-site") {
    return problem(403, "requests that another site started are refused");
  }
  return std::nullopt;
}

bool has_token(const http_request& request, const access_keeper& access) {
  if (request.count("authorization") > 0) {
    constexpr std::string_view scheme = "bearer ";
    const auto value = request.field("authorization");
    return request.count("authorization") == 1 && lower(value.substr(0, scheme.size())) == scheme &&
           access.is_token(value.substr(scheme.size()));
  }
  return std::ranges::any_of(ws_protocols(request), [&](const std::string& offered) {
    return offered.starts_with(ws_token_prefix) && access.is_token(offered.substr(ws_token_prefix.size()));
  });
}

} // namespace

std::variant<std::string, http_response> read_bridge_request(const http_request& request, bool version_11,
                                                             bool from_loopback, const access_keeper& access) {
  if (auto refusal = check_origin(request)) {
    return std::move(*refusal);
  }
  body_plan body;
  if (const auto refusal = check_framing(request, version_11, body)) {
    return problem(refusal->status, refusal->detail);
  }
  if (body.chunked || body.length > 0) {
    return problem(400, "this request takes no body");
  }
  if (const auto refusal = check_ws_handshake(request, version_11)) {
    auto answer = problem(refusal->status, refusal->detail);
    if (refusal->status == 426) {
      answer.fields.push_back({"Upgrade", "websocket"});
      answer.fields.push_back({"Sec-WebSocket-Version", "13"});
    }
    return answer;
  }
  if (!from_loopback && !has_token(request, access)) {
    return problem(401, "from another machine the bridge wants the token: `Authorization: Bearer <token>`");
  }
  auto pid = request.target.substr(0, request.target.find('?'));
  pid.erase(0, 1);
  if (!is_task_id(pid)) {
    return problem(404, "the path of a bridge is the pid of a task: ws://host:port/<pid>");
  }
  return pid;
}

} // namespace troupe
