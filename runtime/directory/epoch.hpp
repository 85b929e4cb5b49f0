#pragma once

#include <troupe/json.hpp>

#include <compare>
#include <cstdint>

namespace troupe {

/// Orders the places of one name: a later place has the larger epoch. Only the head's incarnation is written to disk, so
/// a name that was removed and made again never loses to an older place.
struct epoch {
  std::uint32_t incarnation = 0;
  std::uint64_t counter = 0;
  auto operator<=>(const epoch&) const = default;

  /// `[incarnation, counter]`.
  json to_json() const { return json::array({incarnation, counter}); }

  /// The oldest epoch of all if `value` is not of that form.
  static epoch from_json(const json& value) {
    if (!value.is_array() || value.size() != 2 || !value[0].is_number_unsigned() || !value[1].is_number_unsigned()) {
      return {};
    }
    return {value[0].get<std::uint32_t>(), value[1].get<std::uint64_t>()};
  }
};

} // namespace troupe
