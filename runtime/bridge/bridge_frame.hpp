#pragma once

#include <troupe/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// What goes over the unix socket between the bridge and a task: 4 bytes length of the payload (little endian), 1 byte
/// kind, payload. A message is one frame or several, all but the last with `bridge_more` added to the kind, so that
/// nobody on the way has to hold a large message. The payload of `close` is 2 bytes code (little endian), then the
/// reason as UTF-8; it is the last frame of its sender.
enum class bridge_kind : std::uint8_t {
  text = 1, ///< UTF-8; a frame may end inside of a character, a message may not
  binary = 2,
  close = 3,
};

inline constexpr std::uint8_t bridge_more = 0x80;
inline constexpr std::size_t bridge_header_size = 5;
inline constexpr std::size_t most_bridge_payload = 64u << 10; ///< of one frame; a longer one ends the connection
inline constexpr std::size_t most_close_reason = 123;         ///< bytes; what a websocket's close can carry

/// Close codes beside those of RFC 6455 that the bridge passes on in both directions.
namespace bridge_close {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t going_away = 1001;  ///< the bridge stops or moves, or the script has ended in order
inline constexpr std::uint16_t lost = 1006;        ///< to the task only: the client went without a close
inline constexpr std::uint16_t bad_frame = 1011;   ///< the task sent what is no frame
inline constexpr std::uint16_t task_left = 4000;   ///< the task dropped the connection without a close
inline constexpr std::uint16_t task_over = 4004;   ///< the task ended before it listened
inline constexpr std::uint16_t not_listening = 4008; ///< the task did not listen in time
} // namespace bridge_close

using bridge_header = std::array<char, bridge_header_size>;

bridge_header make_bridge_header(bridge_kind kind, bool more, std::size_t size);

/// A whole close frame; a long reason is cut between characters.
std::string make_close_frame(std::uint16_t code, std::string_view reason);

/// Whether a side may give `code` to a close (RFC 6455 section 7.4: 1005, 1006 and 1015 never travel).
bool can_close_with(std::uint16_t code) noexcept;

/// One frame as it came. The payload is valid until the next call to the decoder.
struct bridge_piece {
  bridge_kind kind = bridge_kind::text;
  bool more = false;
  bool first = true; ///< of its message
  std::string_view payload;
  std::uint16_t code = 0; ///< of a close; its payload is the reason
};

/// Cuts received bytes into frames, with one frame's memory.
class bridge_decoder {
public:
  bridge_decoder() : buffer_(bridge_header_size + most_bridge_payload) {}

  struct room {
    char* data;
    std::size_t size;
  };
  /// Where the next bytes go; never empty after `next` gave nothing.
  room prepare();
  void commit(std::size_t size) noexcept { end_ += size; }

  /// The next whole frame, nothing if more bytes are needed, or an error that ends the connection.
  result<std::optional<bridge_piece>> next();

private:
  result<> check(std::uint8_t kind, std::size_t size) const;

  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::optional<bridge_kind> open_; ///< the message whose further frames are awaited
};

} // namespace troupe
