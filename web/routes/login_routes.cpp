#include "web/routes/login_routes.hpp"

#include "web/console/pages.hpp"
#include "web/routes/cookies.hpp"
#include "web/routes/language.hpp"
#include "web/routes/page_policy.hpp"
#include "web/routes/problem.hpp"
#include "web/routes/uri.hpp"

#include "runtime/access/secrets.hpp"

namespace troupe {

login_routes::login_routes(web_world& world) : world_(world), policy_(page_policy(login_page())) {}

void login_routes::add_to(route_table& table) {
  table.add({"GET", "/login", route_access::everybody, 0, [this](route_call call) { form(call); }});
  table.add({"POST", "/login", route_access::everybody, 2048, [this](route_call call) { log_in(call); }});
  table.add({"POST", "/logout", route_access::everybody, 2048, [this](route_call call) { log_out(call); }});
  table.add({"POST", "/api/v1/login_codes", route_access::logged_in, 2048, [this](route_call call) { new_code(call); }});
}

http_response login_routes::page(const http_request& request, unsigned status, const std::string& state,
                                 const std::string& code) const {
  const auto* lang = request.query_value("lang");
  std::string html =
    fill_page(login_page(), "lang", choose_language(lang != nullptr ? *lang : "", request.field("accept-language")));
  html = fill_page(html, "state", state);
  html = fill_page(html, "code", code);
  return {status, "text/html; charset=utf-8", std::move(html),
          {{"Content-Security-Policy", policy_}, {"Vary", "Accept-Language"}}};
}

void login_routes::form(const route_call& call) const {
  const auto* code = call.request.query_value("code");
  if (code == nullptr) {
    call.sink->respond(page(call.request, 200, "how", ""));
  } else if (looks_like_secret(*code) && world_.access.is_code(*code)) {
    call.sink->respond(page(call.request, 200, "ready", *code));
  } else {
    call.sink->respond(page(call.request, 403, "used", ""));
  }
}

void login_routes::log_in(const route_call& call) {
  const auto form = parse_query(call.request.body);
  std::string code;
  if (form) {
    for (const auto& [key, value] : *form) {
      code = key == "code" ? value : code;
    }
  }
  const auto session = looks_like_secret(code) ? world_.access.log_in(code) : std::nullopt;
  if (!session) {
    call.sink->respond(page(call.request, 403, "used", ""));
    return;
  }
  call.sink->respond({303, "", "", {{"Location", "/"}, {"Set-Cookie", set_cookie(world_.cookie, *session)}}});
}

void login_routes::log_out(const route_call& call) {
  for (const auto& id : cookie_values(call.request, world_.cookie)) {
    world_.access.log_out(id);
  }
  call.sink->respond({303, "", "", {{"Location", "/login"}, {"Set-Cookie", set_cookie(world_.cookie, "")}}});
}

void login_routes::new_code(const route_call& call) {
  call.sink->respond(json_response(201, json{{"login", world_.address + "/login?code=" + world_.access.issue_code()}}));
}

} // namespace troupe
