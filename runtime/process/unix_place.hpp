#pragma once

#include <runtime/process/unique_fd.hpp>

#include <troupe/result.hpp>

#include <string>

#include <sys/types.h>

namespace troupe {

/// Who is at the other end of a unix socket, as the kernel saw it when the connection was made.
struct socket_peer {
  pid_t pid = -1;
  uid_t uid = static_cast<uid_t>(-1);
};

/// Listens at `path` (mode 0600; what is there is replaced), not blocking. A path longer than a socket address may be is
/// reached through a descriptor of its folder. The mode is set by the umask: for programs with one thread only.
result<unique_fd> listen_at_path(const std::string& path);

/// The same in a folder that is its owner's alone, with the mode that the umask leaves: for programs with many threads.
result<unique_fd> listen_in_own_folder(const std::string& path);

/// Connects to the socket at `path`, not blocking. `not_found` if nobody listens there, `unavailable` if it may do so
/// later.
result<unique_fd> connect_to_path(const std::string& path);

/// The next connection that waits, not blocking; nothing if there is none.
unique_fd accept_from(int listener);

socket_peer peer_of(int connection);

} // namespace troupe
