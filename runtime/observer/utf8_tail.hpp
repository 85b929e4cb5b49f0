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

} // namespace troupe
