#pragma once

#include <chrono>
#include <cstddef>

namespace troupe {

/// What clients of the gateway may cost. Before a caller is known, a connection holds one head and at most 4 KiB of body.
struct web_limits {
  std::size_t max_connections = 256;
  std::size_t max_head_bytes = 16u << 10;
  std::size_t max_body_total = 256u << 20; ///< bodies of all connections that are being read
  std::size_t max_message_bytes = 64u << 20;
  std::chrono::milliseconds head_time{10'000};  ///< from the connection to the end of the first head
  std::chrono::milliseconds idle_time{60'000};  ///< from an answer to the end of the next head
  std::chrono::milliseconds body_time{20'000};  ///< plus one second for each 128 KiB announced
  std::chrono::milliseconds write_time{20'000}; ///< plus one second for each 128 KiB
  std::chrono::milliseconds stream_write_time{600'000}; ///< a reader of a stream may pause so long
  std::chrono::milliseconds linger_time{2'000}; ///< how long a refused client's bytes are thrown away before the close
  std::chrono::milliseconds websocket_idle{60'000}; ///< half of it without a byte: ping; all of it: closed
  std::chrono::milliseconds close_grace{1'000};
};

} // namespace troupe
