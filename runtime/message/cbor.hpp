#pragma once

#include <troupe/json.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace troupe {

class byte_writer;

/// Appends `value` as CBOR (RFC 8949): definite lengths, the shortest head for integers and lengths, every other number
/// as a double, no tags (a binary's subtype is not written). As many bytes as `wire::cbor_size` says.
void write_cbor(const json& value, byte_writer& out);
void write_cbor(const json& value, std::vector<std::uint8_t>& out);

/// The one value in these bytes, if they are exactly one of the usual forms: definite lengths, no tags, no half floats,
/// not more than 256 levels. Nothing says that the bytes are damaged or that `json::from_cbor` has to read them. Two to
/// fifteen times as fast as that, which goes byte by byte through layers of callbacks. An announced length takes no
/// memory.
std::optional<json> read_plain_cbor(std::span<const std::uint8_t> bytes);

} // namespace troupe
