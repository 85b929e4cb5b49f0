#pragma once

namespace troupe {

/// config/schema.json, as it was when the program was built.
const char* schema_text() noexcept;

} // namespace troupe
