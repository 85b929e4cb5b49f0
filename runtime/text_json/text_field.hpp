#pragma once

#include <troupe/json.hpp>

#include <string>
#include <string_view>

namespace troupe {

/// The text under `key`; empty if `from` is no object, or has no text there.
inline std::string text_field(const json& from, std::string_view key) {
  if (!from.is_object()) {
    return {};
  }
  const auto found = from.find(key);
  return found != from.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

} // namespace troupe
