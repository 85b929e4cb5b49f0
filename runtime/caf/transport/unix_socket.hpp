#pragma once

#include <troupe/result.hpp>

#include <sys/types.h>

#include <string>

namespace troupe {

/// The longest path of a unix socket on Linux, in bytes.
inline constexpr std::size_t max_socket_path_bytes = 107;

/// A listening non-blocking unix socket and the identity of its file.
struct listening_socket {
  int fd = -1;
  dev_t device = 0;
  ino_t inode = 0;
};

/// Creates `path` with mode 0600 and listens. A file that a dead listener left is replaced; one that is no socket, or
/// at which somebody listens, is not (`conflict`).
result<listening_socket> listen_at(const std::string& path);

/// Removes the file if it is still the one that `socket` made.
void remove_socket_file(const std::string& path, const listening_socket& socket) noexcept;

/// Connects without waiting; the listener must belong to the own user or root. The socket is non-blocking.
result<int> connect_to(const std::string& path);

/// `access_denied` unless the process at the other end belongs to the own user or root.
result<> check_peer(int fd);

/// The text of an errno value.
std::string errno_text(int number);

} // namespace troupe
