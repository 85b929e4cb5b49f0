// What the script server keeps and runs.
#include "nodes/troupe/gateway.hpp"

namespace troupe::cli {

namespace {

std::string script_path(const std::string& name) { return "/scripts/" + url_encoded(name); }

std::string text_of_body(const json& body) { return body.dump(-1, ' ', false, json::error_handler_t::replace); }

} // namespace

attempt<json> gateway::scripts() const { return json_exchange({.target = "/scripts"}); }

attempt<json> gateway::script(const std::string& name) const { return json_exchange({.target = script_path(name)}); }

attempt<bool> gateway::put_script(const std::string& name, json fields) const {
  constexpr auto patience = std::chrono::seconds{60};
  const auto replaced =
    exchange({.method = "PUT", .target = script_path(name), .body = text_of_body(fields), .timeout = patience});
  if (replaced) {
    return false;
  }
  if (replaced.error().http_status != 404) {
    return std::unexpected(replaced.error());
  }
  fields["name"] = name;
  const auto made = exchange({.method = "POST", .target = "/scripts", .body = text_of_body(fields), .timeout = patience});
  return made ? attempt<bool>{true} : std::unexpected(made.error());
}

attempt<> gateway::remove_script(const std::string& name) const {
  const auto removed = exchange({.method = "DELETE", .target = script_path(name)});
  return removed ? attempt<>{} : std::unexpected(removed.error());
}

attempt<json> gateway::run_script(const std::string& name, const std::string& body, bool fresh) const {
  http_request request{.method = "POST", .target = "/run/" + url_encoded(name), .body = body, .timeout = std::nullopt};
  request.cache_control = fresh ? "no-cache" : "";
  return json_exchange(request);
}

} // namespace troupe::cli
