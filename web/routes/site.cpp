#include "web/routes/site.hpp"

#include "web/routes/app_routes.hpp"
#include "web/routes/application_file_routes.hpp"
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
#include "web/routes/venv_routes.hpp"
#include "web/routes/ws_handshake.hpp"

namespace troupe {
namespace {

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
  groups_.push_back(std::make_unique<application_file_routes>(world_));
  groups_.push_back(std::make_unique<app_routes>(world_));
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
  if (const auto refusal = origins_.check_host(request)) {
    return of(*refusal);
  }
  const auto foreign = origins_.check_page(request);
  request.is_foreign = foreign.has_value();
  admission out;
  auto lost = find_route(table_, request, out);
  const bool has_own_rule = !lost && out.where->access == route_access::own_rule;
  if (foreign && !has_own_rule) {
    return of(*foreign);
  }
  if (lost) {
    return std::move(*lost);
  }
  out.is_upgrade = !out.where->run;
  request.caller = caller_of(request);
  if (auto refusal = check_caller(request, out)) {
    return std::move(*refusal);
  }
  if (auto refusal = plan_body(request, version_11, out)) {
    return std::move(*refusal);
  }
  if (auto refusal = has_own_rule ? check_own_rule(request, out) : std::nullopt) {
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

caller_kind site::caller_of(const http_request& request) const {
  if (request.count("authorization") == 1) { // a wrong credential is not mended by another one
    const auto token = bearer_of(request);
    return token && world_.access.is_token(*token) ? caller_kind::token : caller_kind::stranger;
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
  if (where.where->access != route_access::logged_in) {
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

/// A credential that a browser adds by itself counts only if a page of this server made the request.
std::optional<http_response> site::check_own_rule(http_request& request, const admission& where) const {
  const bool changes = (request.method != "GET" && request.method != "HEAD") || request.count("upgrade") > 0;
  if (request.is_foreign || (request.caller == caller_kind::session && changes && !origins_.is_own_page(request))) {
    request.caller = caller_kind::stranger;
  }
  return where.where->admit(request, where.parts, where.body);
}

http_response site::refuse_stranger(const http_request& request) const {
  if ((request.path == "/" || request.path == "/tasks") && (request.method == "GET" || request.method == "HEAD")) {
    return {303, "", "", {{"Location", "/login"}}};
  }
  return problem(401, "log in with the address that `troupe status` prints, or send `Authorization: Bearer <token>`");
}

} // namespace troupe
