#pragma once

#include <string>

namespace troupe {

/// The present time as ISO 8601 with milliseconds, UTC.
std::string utc_now();

} // namespace troupe
