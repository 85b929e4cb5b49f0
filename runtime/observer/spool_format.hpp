#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace troupe {

/// Where a piece of output came from.
enum class spool_stream : std::uint8_t {
  out = 0,
  err = 1,
  cut = 2, ///< not output: the text says that (and why) what follows was not kept
  note = 3, ///< not output: what was said while the run was prepared
};

/// One record of a spool; its number is its place, from 0.
struct spool_record {
  std::uint64_t seq = 0;
  spool_stream stream = spool_stream::out;
  std::chrono::nanoseconds at{0}; ///< since the start of the script
  std::string data;
};

/// A record in the file: 4 bytes length of the data, 1 byte stream, 3 bytes zero, 8 bytes nanoseconds (all little
/// endian), data.
struct spool_header {
  static constexpr std::size_t size = 16;
  static constexpr std::uint32_t max_data = 1u << 20;

  std::uint32_t length = 0;
  spool_stream stream = spool_stream::out;
  std::chrono::nanoseconds at{0};

  std::array<unsigned char, size> encode() const {
    std::array<unsigned char, size> out{};
    for (int i = 0; i < 4; ++i) {
      out[i] = static_cast<unsigned char>(length >> (8 * i));
    }
    out[4] = static_cast<unsigned char>(stream);
    const auto ns = static_cast<std::uint64_t>(at.count());
    for (int i = 0; i < 8; ++i) {
      out[8 + i] = static_cast<unsigned char>(ns >> (8 * i));
    }
    return out;
  }

  /// Nothing if the bytes are no header.
  static std::optional<spool_header> decode(const unsigned char* bytes) {
    spool_header out;
    for (int i = 0; i < 4; ++i) {
      out.length |= static_cast<std::uint32_t>(bytes[i]) << (8 * i);
    }
    std::uint64_t ns = 0;
    for (int i = 0; i < 8; ++i) {
      ns |= static_cast<std::uint64_t>(bytes[8 + i]) << (8 * i);
    }
    if (out.length > max_data || bytes[4] > 3 || bytes[5] != 0 || bytes[6] != 0 || bytes[7] != 0) {
      return std::nullopt;
    }
    out.stream = static_cast<spool_stream>(bytes[4]);
    out.at = std::chrono::nanoseconds{static_cast<std::int64_t>(ns)};
    return out;
  }
};

} // namespace troupe
