#include "web/routes/site.hpp"

#include "web/routes/application_routes.hpp"
#include "web/routes/console_routes.hpp"
#include "web/routes/cookies.hpp"
#include "web/routes/health_routes.hpp"
#include "web/routes/log_routes.hpp"
#include "web/routes/login_routes.hpp"
#include "web/routes/member_routes.hpp"
#include "web/routes/message_routes.hpp"
#include "web/routes/metrics_routes.hpp"
#include "web/routes/problem.hpp"
#include "web/routes/task_output_routes.hpp"
#include "web/routes/task_routes.hpp"
#include "web/routes/uri.hpp"
#include "web/routes/venv_routes.hpp"
#include "web/routes/ws_handshake.hpp"

#include <algorithm>

namespace troupe {
namespace {

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

http_response of(const head_refusal& refusal) { return problem(refusal.status, refusal.detail); }

} // namespace

site::site(web_world world, const std::string& host, std::uint16_t port) : world_(std::move(world)), origins_(host, port) {
  groups_.push_back(std::make_unique<console_routes>(world_));
  groups_.push_back(std::make_unique<login_routes>(world_));
  groups_.push_back(std::make_unique<health_routes>(world_));
  groups_.push_back(std::make_unique<metrics_routes>(world_));
  groups_.push_back(std::make_unique<message_routes>(world_));
  groups_.push_back(std::make_unique<member_routes>(world_));
  auto tasks = std::make_unique<task_routes>(world_);
  groups_.push_back(std::make_unique<application_routes>(world_, *tasks));
  groups_.push_back(std::move(tasks));
  groups_.push_back(std::make_unique<task_output_routes>(world_));
  groups_.push_back(std::make_unique<venv_routes>(world_));
  groups_.push_back(std::make_unique<log_routes>(world_));
  for (const auto& group : groups_) {
    group->add_to(table_);
  }
  table_.add({"GET", "/ws", route_access::logged_in, 0, {}});
}

site::~site() = default;

std::variant<admission, http_response> site::admit(http_request& request, bool version_11) {
  if (const auto refusal = origins_.check(request)) {
    return of(*refusal);
  }
  if (auto refusal = read_target(request)) {
    return std::move(*refusal);
  }
  auto match = table_.find(request.method, request.path);
  if (!match) {
    return problem(400, "the path has an escape that cannot be decoded");
  }
  if (match->found == nullptr && match->allowed.empty()) {
    return problem(404, "there is nothing at this path");
  }
  if (match->found == nullptr) {
    auto refusal = problem(405, "the path is there, but not for this method");
    std::string allowed;
    for (const auto& method : match->allowed) {
      allowed += (allowed.empty() ? "" : ", ") + method;
    }
    refusal.fields.push_back({"Allow", std::move(allowed)});
    return refusal;
  }
  admission out;
  out.where = match->found;
  out.parts = std::move(match->parts);
  out.is_upgrade = !out.where->run;
  request.caller = caller_of(request);
  if (auto refusal = check_caller(request, out)) {
    return std::move(*refusal);
  }
  if (auto refusal = check_body(request, version_11, out)) {
    return std::move(*refusal);
  }
  if (out.is_upgrade) {
    if (const auto refusal = check_ws_handshake(request, version_11)) {
      auto answer = of(*refusal);
      if (refusal->status == 426) {
        answer.fields.push_back({"Upgrade", "websocket"});
        answer.fields.push_back({"Sec-WebSocket-Version", "13"});
      }
      return answer;
    }
  }
  return out;
}

void site::run(const admission& where, http_request request, sink_ptr sink) {
  where.where->run({std::move(request), where.parts, std::move(sink)});
}

std::optional<http_response> site::read_target(http_request& request) const {
  const auto mark = request.target.find('?');
  request.path = request.target.substr(0, mark);
  if (mark != std::string::npos) {
    auto query = parse_query(std::string_view(request.target).substr(mark + 1));
    if (!query) {
      return problem(400, "the query has an escape that cannot be decoded");
    }
    request.query = std::move(*query);
  }
  return std::nullopt;
}

std::optional<http_response> site::check_body(const http_request& request, bool version_11, admission& out) const {
  if (const auto refusal = check_framing(request, version_11, out.body)) {
    return of(*refusal);
  }
  const bool has_body = out.body.chunked || out.body.length > 0;
  if (has_body && out.where->max_body == 0) {
    return problem(400, "this request takes no body");
  }
  if (out.body.length > out.where->max_body) {
    return problem(413, "the body may have at most " + std::to_string(out.where->max_body) + " bytes");
  }
  if (request.count("expect") > 0) {
    if (request.count("expect") > 1 || !equals_ignoring_case(request.field("expect"), "100-continue")) {
      return problem(417, "the only expectation that is met is 100-continue");
    }
    out.wants_continue = has_body && version_11;
  }
  return std::nullopt;
}

caller_kind site::caller_of(const http_request& request) const {
  constexpr std::string_view scheme = "bearer ";
  if (request.count("authorization") == 1) {
    const auto value = request.field("authorization");
    if (value.size() > scheme.size() && equals_ignoring_case(value.substr(0, scheme.size() - 1), "bearer") &&
        value[scheme.size() - 1] == ' ' && world_.access.is_token(value.substr(scheme.size()))) {
      return caller_kind::token;
    }
    return caller_kind::stranger; // a wrong credential is not mended by another one
  }
  for (const auto& protocol : ws_protocols(request)) {
    if (protocol.starts_with(ws_token_prefix) && world_.access.is_token(protocol.substr(ws_token_prefix.size()))) {
      return caller_kind::token;
    }
  }
  for (const auto& id : cookie_values(request, world_.cookie)) {
    if (world_.access.is_session(id)) {
      return caller_kind::session;
    }
  }
  return caller_kind::stranger;
}

std::optional<http_response> site::check_caller(const http_request& request, const admission& where) const {
  if (where.where->access == route_access::everybody) {
    return std::nullopt;
  }
  if (request.caller == caller_kind::stranger) {
    return refuse_stranger(request);
  }
  const bool changes = where.is_upgrade || (request.method != "GET" && request.method != "HEAD");
  if (request.caller == caller_kind::session && changes && !origins_.is_own_page(request)) {
    return problem(403, "a request that relies on a cookie must say that it comes from a page of this server (Origin)");
  }
  return std::nullopt;
}

http_response site::refuse_stranger(const http_request& request) const {
  if ((request.path == "/" || request.path == "/tasks") && (request.method == "GET" || request.method == "HEAD")) {
    return {303, "", "", {{"Location", "/login"}}};
  }
  return problem(401, "log in with the address that `troupe status` prints, or send `Authorization: Bearer <token>`");
}

} // namespace troupe
