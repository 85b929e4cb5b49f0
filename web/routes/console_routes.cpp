#include "web/routes/console_routes.hpp"

#include "web/console/pages.hpp"
#include "web/routes/language.hpp"
#include "web/routes/page_policy.hpp"

namespace troupe {

console_routes::console_routes(web_world& world) 
    : world_(world), console_policy_(page_policy(console_page())), tasks_policy_(page_policy(tasks_page())) {}

void console_routes::add_to(route_table& table) {
  table.add({"GET", "/", route_access::logged_in, 0, [this](route_call call) { page(call, console_page(), console_policy_); }});
  table.add({"GET", "/tasks", route_access::logged_in, 0, [this](route_call call) { page(call, tasks_page(), tasks_policy_); }});
  table.add({"GET", "/favicon.ico", route_access::everybody, 0, [](route_call call) {
               call.sink->respond({200, "image/svg+xml", std::string(console_icon()), {}});
             }});
  table.add({"GET", "/api/v1/openapi.yaml", route_access::logged_in, 0, [](route_call call) {
               call.sink->respond({200, "application/yaml; charset=utf-8", std::string(openapi_description()), {}});
             }});
}

void console_routes::page(const route_call& call, std::string_view source, const std::string& policy) const {
  const auto* lang = call.request.query_value("lang");
  const auto chosen = choose_language(lang != nullptr ? *lang : "", call.request.field("accept-language"));
  // Only attributes are filled in, so the hashes of script and style hold.
  std::string html = fill_page(source, "lang", chosen);
  html = fill_page(html, "head", world_.actors.head());
  html = fill_page(html, "system", world_.actors.system());
  call.sink->respond({200, "text/html; charset=utf-8", std::move(html),
                      {{"Content-Security-Policy", policy}, {"Vary", "Accept-Language"}}});
}

} // namespace troupe
