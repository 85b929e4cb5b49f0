#pragma once

#include <span>
#include <string>
#include <string_view>

namespace troupe {

/// The one of `names` that `given` was probably meant to be, or an empty text. Case does not count; otherwise as many
/// letters may differ as a third of the given name has.
std::string nearest_name(std::string_view given, std::span<const std::string> names);

} // namespace troupe
