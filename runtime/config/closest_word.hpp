#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// How many letters must be put in, taken out, changed, or swapped with their neighbour to make one word of the other
/// (optimal string alignment).
std::size_t edit_distance(std::string_view from, std::string_view to);

/// The word that was probably meant: the nearest one, if it is near enough for its length.
std::optional<std::string> closest_word(std::string_view written, const std::vector<std::string>& known);

} // namespace troupe
