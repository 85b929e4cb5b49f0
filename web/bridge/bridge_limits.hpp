#pragma once

#include <chrono>
#include <cstddef>

namespace troupe {

/// What clients of the bridge may cost. Until its task is there, a client holds one head (then nothing: what it sends
/// waits in the kernel); after that, 64 KiB for each direction.
struct bridge_limits {
  std::size_t max_connections = 256;
  std::size_t max_waiting = 64; ///< clients whose task does not listen yet
  std::size_t max_head_bytes = 16u << 10;
  std::chrono::milliseconds head_time{10'000};  ///< from the connection to the end of the opening
  std::chrono::milliseconds wait_time{30'000};  ///< for the task to listen
  std::chrono::milliseconds close_time{5'000};  ///< for a side to take the other's close
  std::chrono::milliseconds close_grace{1'000}; ///< for the whole door to close
};

} // namespace troupe
