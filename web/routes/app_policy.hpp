#pragma once

#include "web/routes/http_types.hpp"

#include <string_view>

namespace troupe {

/// What an answer below `/app` says about itself, whoever made it: a sandbox with an origin of its own, and leave for the
/// application's own pages, which have the origin `null`, to read it.
void add_app_policy(const http_request& request, http_response& answer);

/// Whether a field of a request is for the handler too: not credentials, and not what concerns the connection only.
bool is_for_handler(std::string_view name) noexcept;

/// Whether a field of a handler's answer may go out. Names are compared in lower case.
bool is_for_client(std::string_view name) noexcept;

} // namespace troupe
