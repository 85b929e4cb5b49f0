#pragma once

#include <nlohmann/json.hpp>

namespace troupe {

/// The value type of every body and parameter: any JSON value, and byte strings as `json::binary`.
using json = nlohmann::json;

} // namespace troupe
