#pragma once

#include <string_view>

namespace troupe {

/// What the name of a virtual environment may be, in words for `bad_request`.
inline constexpr const char* venv_name_rule =
  "1 to 64 letters, digits, `.`, `_` or `-`, the first one a letter, a digit or `_`";

/// Whether `text` can be the name of an environment: a folder of this name is made, so it names nothing else.
constexpr bool is_venv_name(std::string_view text) noexcept {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (text.empty() || text.size() > 64 || !is_plain(text.front())) {
    return false;
  }
  for (const char c : text) {
    if (!is_plain(c) && c != '.' && c != '-') {
      return false;
    }
  }
  return true;
}

} // namespace troupe
