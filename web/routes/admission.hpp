#pragma once

#include "web/routes/raw_head.hpp"
#include "web/routes/route_table.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// What is decided about a request from its head, before a byte of its body is taken.
struct admission {
  const route* where = nullptr;
  std::vector<std::string> parts;
  body_plan body;
  bool wants_continue = false; ///< the client waits for `100 Continue`
  bool is_upgrade = false;     ///< a websocket opens instead of an answer
};

/// Fills in the request's path and query, and where it goes; or gives the answer that refuses it.
std::optional<http_response> find_route(const route_table& table, http_request& request, admission& out);

/// Fills in what the body will be like, once the route is known; or gives the answer that refuses it.
std::optional<http_response> plan_body(const http_request& request, bool version_11, admission& out);

/// What the request's Authorization field says behind `Bearer `; nothing if it is not there once, or says something else.
std::optional<std::string_view> bearer_of(const http_request& request);

} // namespace troupe
