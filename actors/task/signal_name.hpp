#pragma once

#include <troupe/json.hpp>

#include <optional>

namespace troupe {

/// The number of a signal given as `"SIGUSR1"`, `"USR1"` or a number; nothing if there is no such signal.
std::optional<int> signal_number(const json& value);

} // namespace troupe
