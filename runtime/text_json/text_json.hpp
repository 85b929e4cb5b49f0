#pragma once

#include <troupe/json.hpp>
#include <troupe/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe {

/// What a JSON text from outside may cost.
struct json_limits {
  std::size_t max_depth = 256;         ///< nested arrays and objects
  std::size_t max_values = 4'000'000;  ///< values in all: small values cost many times their text
};

/// Parses one JSON text (RFC 8259) from outside. Refuses, with the place and the reason: anything that is not JSON,
/// invalid UTF-8, lone surrogates, integers beyond 64 bits, numbers beyond a double, and what exceeds `limits`.
/// Never throws, never recurses.
result<json> parse_text_json(std::string_view text, const json_limits& limits = {});

/// For a text door: byte strings become `{"$bytes": "<base64>"}`.
json to_text_json(const json& value);

/// From a text door: an object whose only key is `$bytes` becomes a byte string; fails if its value is not base64.
result<json> from_text_json(json value);

/// One line of JSON text with byte strings as above. Strings that are not UTF-8 get replacement characters. Fails only
/// if `value` is nested deeper than 1,000 levels.
result<std::string> dump_text_json(const json& value);

/// Bytes of all strings, keys and byte strings in `value`: what a message is measured by before it is encoded.
std::size_t payload_bytes(const json& value);

/// Whether `text` is well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text) noexcept;

} // namespace troupe
