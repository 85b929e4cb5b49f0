#pragma once

#include <span>
#include <string>
#include <string_view>

namespace troupe {

/// The one of `names` that `given` was probably meant to be, or an empty text. Case does not count; otherwise two
/// letters (one in short names) or a third of them may differ.
std::string nearest_name(std::string_view given, std::span<const std::string> names);

} // namespace troupe
