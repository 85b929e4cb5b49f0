#pragma once

#include "web/routes/http_types.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// All values that the request's Cookie fields give `name`.
std::vector<std::string> cookie_values(const http_request& request, std::string_view name);

/// A Set-Cookie value; an empty `value` deletes the cookie.
std::string set_cookie(const std::string& name, const std::string& value);

} // namespace troupe
