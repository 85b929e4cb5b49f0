#pragma once

#include "tests/system/web_alone/raw_client.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// The client's side of a websocket (RFC 6455) as far as tests need it, with the freedom to break it.
class ws_client {
public:
  /// `fields` are further header lines, each with its line end.
  ws_client(std::uint16_t port, const std::string& fields) : connection_(port) {
    connection_.send("GET /ws HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                     "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + fields + "\r\n");
    opening_ = connection_.read_answer();
  }

  const raw_client::answer& opening() const noexcept { return opening_; }
  raw_client& connection() noexcept { return connection_; }

  bool send_frame(int opcode, std::string_view payload, bool final = true, bool masked = true) {
    std::string out;
    out += static_cast<char>((final ? 0x80 : 0) | opcode);
    const char mask_bit = static_cast<char>(masked ? 0x80 : 0);
    if (payload.size() < 126) {
      out += static_cast<char>(mask_bit | static_cast<char>(payload.size()));
    } else if (payload.size() < 65536) {
      out += static_cast<char>(mask_bit | 126);
      out += static_cast<char>(payload.size() >> 8);
      out += static_cast<char>(payload.size());
    } else {
      out += static_cast<char>(mask_bit | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        out += static_cast<char>(static_cast<std::uint64_t>(payload.size()) >> shift);
      }
    }
    if (masked) {
      out.append(4, '\0'); // a mask of zeros is a mask
    }
    out += payload;
    return connection_.send(out);
  }
  bool send_text(std::string_view text) { return send_frame(1, text); }

  struct frame {
    int opcode = 0;
    bool is_final = true;
    std::string payload;
  };
  /// Nothing if the connection ends, or nothing comes in time.
  std::optional<frame> read_frame() {
    const auto head = connection_.read_bytes(2);
    if (head.size() < 2) {
      return std::nullopt;
    }
    std::uint64_t size = static_cast<unsigned char>(head[1]) & 0x7f;
    const int more = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (more > 0) {
      size = 0;
      for (const char c : connection_.read_bytes(static_cast<std::size_t>(more))) {
        size = size << 8 | static_cast<unsigned char>(c);
      }
    }
    return frame{head[0] & 0x0f, (head[0] & 0x80) != 0, connection_.read_bytes(size)};
  }
  /// The payload of the next text frame, fragments put together; empty if there is none.
  std::string read_text() {
    std::string out;
    for (;;) {
      const auto next = read_frame();
      if (!next || next->opcode == 8) {
        return {};
      }
      out += next->payload;
      if (next->is_final) {
        return out;
      }
    }
  }

private:
  raw_client connection_;
  raw_client::answer opening_;
};

} // namespace troupe
