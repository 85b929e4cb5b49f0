#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// RFC 4648 section 4, with padding.
std::string base64_encode(std::span<const std::uint8_t> bytes);

/// Strict: padding, no other characters, no bits left over. Nothing if `text` is anything else.
std::optional<std::vector<std::uint8_t>> base64_decode(std::string_view text);

} // namespace troupe
