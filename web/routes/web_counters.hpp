#pragma once

#include <array>
#include <cstdint>

namespace troupe {

/// What the gateway counts; touched on the web server's thread only.
struct web_counters {
  std::uint64_t connections = 0;          ///< accepted
  std::uint64_t connections_open = 0;
  std::uint64_t connections_refused = 0;  ///< closed at once or pushed out: too many
  std::uint64_t websockets_open = 0;
  std::uint64_t websocket_frames = 0;
  std::uint64_t requests = 0;
  std::uint64_t requests_malformed = 0;   ///< refused before a route was found
  std::array<std::uint64_t, 6> responses{}; ///< by the first digit of the status
  std::uint64_t asks = 0;
  std::uint64_t asks_unanswered = 0;      ///< ended with `timer`
  std::uint64_t sends = 0;
};

} // namespace troupe
