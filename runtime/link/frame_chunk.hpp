#pragma once

#include "runtime/link/byte_block.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace troupe {

/// Memory with whole encoded frames, of which the first `begin` bytes are already sent.
struct frame_chunk {
  byte_block data;
  std::size_t capacity = 0;
  std::size_t begin = 0;
  std::size_t end = 0;

  bool is_empty() const noexcept { return begin == end; }
  std::size_t room() const noexcept { return capacity - end; }
  std::span<const std::uint8_t> unsent() const noexcept { return {data.get() + begin, end - begin}; }

  /// Throws `std::bad_alloc`. The memory is not touched.
  static frame_chunk of(std::size_t capacity) { return {make_byte_block(capacity), capacity, 0, 0}; }
};

} // namespace troupe
