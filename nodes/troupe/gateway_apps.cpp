// What the gateway keeps of applications.
#include "nodes/troupe/gateway.hpp"

namespace troupe::cli {

namespace {

std::string application_path(const std::string& id, const std::string& rest = {}) {
  return "/api/v1/applications/" + url_encoded(id) + rest;
}

} // namespace

std::string application_run_path(const std::string& id, const std::string& script) {
  return application_path(id, "/run/" + url_encoded(script));
}

attempt<json> gateway::applications() const {
  return json_exchange({.target = "/api/v1/applications"});
}

attempt<json> gateway::create_application(const std::string& name) const {
  return json_exchange({.method = "POST",
                        .target = "/api/v1/applications",
                        .body = json{{"name", name}}.dump(-1, ' ', false, json::error_handler_t::replace)});
}

attempt<json> gateway::application(const std::string& id) const {
  return json_exchange({.target = application_path(id)});
}

attempt<> gateway::put_file(const std::string& id, const std::string& path, std::string content) const {
  return without_value(exchange({.method = "PUT",
                                .target = application_path(id, "/files/" + url_encoded(path)),
                                .body = std::move(content),
                                .content_type = "application/octet-stream",
                                .timeout = std::chrono::seconds{60}}));
}

attempt<std::string> gateway::application_call(const std::string& method, const std::string& id, const std::string& rest,
                                               std::string body) const {
  return exchange({.method = method,
                   .target = application_path(id, rest),
                   .body = std::move(body),
                   .timeout = std::chrono::seconds{60}});
}

attempt<json> gateway::mark_script(const std::string& id, const std::string& path) const {
  return json_exchange({.method = "PUT", .target = application_path(id, "/executable/" + url_encoded(path))});
}

attempt<> gateway::unmark_script(const std::string& id, const std::string& path) const {
  return without_value(exchange({.method = "DELETE", .target = application_path(id, "/executable/" + url_encoded(path))}));
}

} // namespace troupe::cli
