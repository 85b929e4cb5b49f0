#pragma once

#include "runtime/link/link.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace troupe {

/// A frame on the wire: the payload's length (u32, little-endian), the type (u8), the payload.
inline constexpr std::size_t frame_header_bytes = 5;

/// What the length field can say at most.
inline constexpr std::size_t frame_length_limit = std::numeric_limits<std::uint32_t>::max();

inline void write_frame_header(std::uint8_t* to, frame_type type, std::uint32_t payload_bytes) noexcept {
  to[0] = static_cast<std::uint8_t>(payload_bytes);
  to[1] = static_cast<std::uint8_t>(payload_bytes >> 8);
  to[2] = static_cast<std::uint8_t>(payload_bytes >> 16);
  to[3] = static_cast<std::uint8_t>(payload_bytes >> 24);
  to[4] = static_cast<std::uint8_t>(type);
}

inline std::uint32_t frame_payload_bytes(const std::uint8_t* header) noexcept {
  return std::uint32_t{header[0]} | std::uint32_t{header[1]} << 8 | std::uint32_t{header[2]} << 16 |
         std::uint32_t{header[3]} << 24;
}

inline bool is_frame_type(std::uint8_t byte) noexcept {
  return byte >= static_cast<std::uint8_t>(frame_type::hello) &&
         byte <= static_cast<std::uint8_t>(frame_type::barrier_ack);
}

/// Proofs of life may overtake whole frames: nothing depends on their order.
inline bool may_overtake(frame_type type) noexcept {
  return type == frame_type::ping || type == frame_type::pong;
}

} // namespace troupe
