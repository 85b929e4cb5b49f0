#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace troupe {

/// One end of a TCP connection.
struct tcp_end {
  std::string address; ///< as text
  std::uint16_t port = 0;
};

/// The user whose process holds the end `client` of a connection of this machine to `server`, by the kernel's table of
/// sockets. Nothing if there is no such end, or nobody holds it any more: the kernel shows such a socket as root's.
std::optional<std::uint32_t> connection_owner(const tcp_end& client, const tcp_end& server);

/// The same from texts as /proc/net/tcp and /proc/net/tcp6, for kernels that do not answer otherwise.
std::optional<std::uint32_t> owner_in_socket_table(const std::string& table, const tcp_end& client, const tcp_end& server);

} // namespace troupe
