#pragma once

#include <troupe/message.hpp>
#include <troupe/result.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace troupe::wire {

/// Appends `what` to `to` as the payload of a message frame.
///
/// Layout (integers are LEB128 varints, strings are length and bytes): flags (1 byte), number, command, recipient entity,
/// [recipient node], [sender node, sender entity], [timeout: 8 bytes IEEE 754 little-endian], [user], [trace: count,
/// (actor, ask)…], [origin], and to the end of the frame the body as CBOR (RFC 8949). An `origin` equal to
/// `link_origin` is left out. A body that came over a link and was never read is passed on as it is.
void encode(const message& what, const std::string& link_origin, std::vector<std::uint8_t>& to);

/// The message of a payload; a body that is not small stays encoded until it is read, but
/// its nesting and its counts are checked. `link_origin` is who made messages that name no origin; every
/// message shares its ownership.
result<message_ptr> decode(std::span<const std::uint8_t> payload, const std::shared_ptr<const std::string>& link_origin);

/// How many bytes `value` takes as CBOR. Stops counting (and returns more than `enough`) once it is above `enough`, or
/// nested deeper than 1,000 levels, which no peer would take.
std::size_t cbor_size(const json& value, std::size_t enough);

} // namespace troupe::wire
