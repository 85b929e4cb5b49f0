#pragma once

#include <troupe/json.hpp>

#include <string>

namespace troupe {

/// A value on one line of the log; what an exception says need not be UTF-8.
inline std::string log_text(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

} // namespace troupe
