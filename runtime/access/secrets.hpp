#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe {

/// `bytes` random bytes of the system as URL-safe text (letters, digits, `-`, `_`).
std::string random_secret(std::size_t bytes = 32);

/// Takes the same time wherever the texts differ; the length is no secret.
bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

/// Whether `text` could be one of `random_secret()`: safe to put into an address, a header or a page.
bool looks_like_secret(std::string_view text) noexcept;

} // namespace troupe
