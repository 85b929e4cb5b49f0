#pragma once

#include "runtime/config/settings.hpp"

namespace troupe {

/// Settings from a document that `check_schema` accepted; what it does not name has its default.
settings settings_from_json(const json& checked);

} // namespace troupe
