#pragma once

#include <troupe/json.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace troupe {

/// Levels of arrays and objects that a body may have: readers and writers of CBOR recurse.
inline constexpr std::size_t deepest_cbor = 1000;

/// False if `json::from_cbor` would overflow the stack on these bytes (nested too deep) or throw although it was told not
/// to (a count above what is left). Bytes that are no CBOR for other reasons are harmless: the reader finds that out.
bool is_harmless_cbor(std::span<const std::uint8_t> bytes);

/// A value from outside; null if the bytes are no CBOR or not harmless.
json read_cbor(std::span<const std::uint8_t> bytes);

} // namespace troupe
