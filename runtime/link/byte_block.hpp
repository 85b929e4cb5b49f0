#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace troupe {

/// Frees a block from `make_byte_block`.
struct byte_block_deleter {
  std::size_t mapped = 0; ///< 0: from the heap
  void operator()(std::uint8_t* bytes) const noexcept;
};

/// Memory that nobody has written to yet.
using byte_block = std::unique_ptr<std::uint8_t[], byte_block_deleter>;

/// From 256 KiB on the block is a mapping of its own: all of it goes back to the system when it is freed, where the
/// heap kept 35 MiB after a burst. From 2 MiB on it has huge pages where the system has them: filling 64 MiB takes 6 ms
/// then, with small pages 30 ms (one fault for each). Throws `std::bad_alloc`.
byte_block make_byte_block(std::size_t size);

} // namespace troupe
