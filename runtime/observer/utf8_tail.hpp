#pragma once

#include <cstddef>
#include <string_view>

namespace troupe {

/// How many bytes at the end of `text` are the beginning of a UTF-8 character whose rest is missing: 0 to 3. Bytes that
/// cannot become a character count as 0.
constexpr std::size_t utf8_tail(std::string_view text) noexcept {
  const std::size_t look = text.size() < 3 ? text.size() : 3;
  for (std::size_t back = 1; back <= look; ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xc0) == 0x80) {
      continue;
    }
    const std::size_t length = byte >= 0xc2 && byte < 0xe0   ? 2
                               : byte >= 0xe0 && byte < 0xf0 ? 3
                               : byte >= 0xf0 && byte < 0xf5 ? 4
                                                             : 1;
    return length > back ? back : 0;
  }
  return 0;
}

/// True if `text` is UTF-8 as RFC 3629 has it.
constexpr bool is_utf8(std::string_view text) noexcept {
  std::size_t i = 0;
  const auto at = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  while (i < text.size()) {
    const auto lead = at(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = lead >= 0xc2 && lead < 0xe0   ? 2
                               : lead >= 0xe0 && lead < 0xf0 ? 3
                               : lead >= 0xf0 && lead < 0xf5 ? 4
                                                             : 0;
    if (length == 0 || i + length > text.size()) {
      return false;
    }
    const auto second = at(i + 1);
    const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
    const bool outside = (lead == 0xed && second > 0x9f) || (lead == 0xf4 && second > 0x8f);
    if (overlong || outside) {
      return false;
    }
    for (std::size_t k = 1; k < length; ++k) {
      if ((at(i + k) & 0xc0) != 0x80) {
        return false;
      }
    }
    i += length;
  }
  return true;
}

} // namespace troupe
