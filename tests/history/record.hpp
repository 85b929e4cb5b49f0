#pragma once

#include <cstdint>

namespace history {

/// What one record says. The values are part of the file format.
enum class kind : std::uint8_t {
  name = 1,       ///< `peer` stands from here on for the text of `count` bytes that follows, padded to 8
  self = 2,       ///< first record: this file is of the actor `peer`, of the copy `count`
  stream = 3,     ///< what is sent from here on belongs to the stream `peer`
  born = 4,       ///< the copy has begun to work: it was made, or it arrived
  active = 5,     ///< the copy works
  ended = 6,      ///< the copy is gone
  sent = 7,       ///< `count` messages from number `seq` on are about to be given to the system, for the actor `peer`
  refused = 8,    ///< of these, the system did not take them
  received = 9,   ///< the actor has got number `seq` of the stream `peer`
  answered = 10,  ///< the actor `peer` has answered them
  reported = 11,  ///< the system said that they failed or are lost
  timed_out = 12, ///< no answer came in time: nobody said what became of them
};

/// One record of a history file. All numbers are in the byte order of the machine: a history is read where it was made.
struct record {
  std::uint64_t time_ns = 0; ///< CLOCK_MONOTONIC, which all processes of a machine share
  std::uint64_t seq = 0;
  std::uint32_t count = 0;
  std::uint32_t kind_and_peer = 0; ///< kind in the lowest byte

  kind what() const noexcept { return static_cast<kind>(kind_and_peer & 0xff); }
  std::uint32_t peer() const noexcept { return kind_and_peer >> 8; }
  static std::uint32_t pack(kind what, std::uint32_t peer) noexcept {
    return static_cast<std::uint32_t>(what) | peer << 8;
  }
};
static_assert(sizeof(record) == 24);

inline constexpr char file_magic[8] = {'t', 'r', 'h', 'i', 's', 't', '1', '\n'};
inline constexpr const char* file_suffix = ".history";

/// Bytes that a text of `size` takes in the file.
inline constexpr std::size_t padded(std::size_t size) { return (size + 7) / 8 * 8; }

} // namespace history
