#include "runtime/caf/transport/unix_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace troupe {

namespace {

constexpr int backlog = 128;

result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.find('\0') != std::string::npos)
    return fail(error_code::bad_request, "the path of a unix socket must not be empty nor contain a zero byte");
  if (path.size() > max_socket_path_bytes)
    return fail(error_code::bad_request, "the socket path \"" + path + "\" has " + std::to_string(path.size()) +
                                           " bytes; a unix socket allows " + std::to_string(max_socket_path_bytes) +
                                           ": choose a shorter runtime folder");
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

result<int> new_socket() {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return fail(error_code::io_error, "cannot make a unix socket: " + errno_text(errno));
  return fd;
}

int connect_fd(int fd, const sockaddr_un& address) {
  while (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    if (errno != EINTR)
      return errno;
  return 0;
}

/// Makes place for a new socket file.
result<> clear_path(const std::string& path, const sockaddr_un& address) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0)
    return {}; // nothing there, or bind tells
  if (!S_ISSOCK(found.st_mode))
    return fail(error_code::conflict, "cannot listen at " + path + ": the file exists and is no socket; remove it");
  auto probe = new_socket();
  if (!probe)
    return std::unexpected(probe.error());
  const int failure = connect_fd(*probe, address);
  ::close(*probe);
  if (failure != ECONNREFUSED && failure != ENOENT)
    return fail(error_code::conflict, "cannot listen at " + path +
                                        (failure == 0 || failure == EAGAIN
                                           ? std::string(": another process listens there; stop it first")
                                           : ": the socket file there cannot be judged: " + errno_text(failure)));
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return fail(error_code::io_error, "cannot replace the stale socket " + path + ": " + errno_text(errno));
  return {};
}

} // namespace

std::string errno_text(int number) {
  return std::error_code(number, std::generic_category()).message();
}

result<listening_socket> listen_at(const std::string& path) {
  auto address = address_of(path);
  if (!address)
    return std::unexpected(address.error());
  if (auto cleared = clear_path(path, *address); !cleared)
    return std::unexpected(cleared.error());
  auto fd = new_socket();
  if (!fd)
    return std::unexpected(fd.error());
  const auto refuse = [&](const char* step) {
    const auto text = errno_text(errno);
    ::close(*fd);
    return fail(error_code::io_error, "cannot listen at " + path + ": " + step + ": " + text);
  };
  // Nobody can connect before listen(), and by then the mode holds, whatever the umask is.
  if (::fchmod(*fd, 0600) != 0)
    return refuse("fchmod");
  if (::bind(*fd, reinterpret_cast<const sockaddr*>(&*address), sizeof(sockaddr_un)) != 0)
    return refuse("bind");
  listening_socket made{*fd, 0, 0};
  struct stat bound {};
  if (::lstat(path.c_str(), &bound) != 0 || !S_ISSOCK(bound.st_mode))
    return refuse("lstat");
  made.device = bound.st_dev;
  made.inode = bound.st_ino;
  if (((bound.st_mode & 07777) != 0600 && ::chmod(path.c_str(), 0600) != 0) || ::listen(*fd, backlog) != 0) {
    const auto failure = errno;
    remove_socket_file(path, made);
    errno = failure;
    return refuse("chmod or listen");
  }
  return made;
}

void remove_socket_file(const std::string& path, const listening_socket& socket) noexcept {
  struct stat found {};
  if (::lstat(path.c_str(), &found) == 0 && found.st_dev == socket.device && found.st_ino == socket.inode)
    ::unlink(path.c_str());
}

result<int> connect_to(const std::string& path) {
  auto address = address_of(path);
  if (!address)
    return std::unexpected(address.error());
  auto fd = new_socket();
  if (!fd)
    return fd;
  if (const int failure = connect_fd(*fd, *address); failure != 0) {
    ::close(*fd);
    const auto why = failure == EAGAIN         ? std::string("its backlog is full")
                     : failure == ECONNREFUSED ? std::string("nobody listens there")
                                               : errno_text(failure);
    const bool passes = failure == EAGAIN || failure == ECONNREFUSED || failure == ENOENT;
    return fail(passes ? error_code::unavailable : error_code::io_error, "cannot connect to " + path + ": " + why);
  }
  if (auto checked = check_peer(*fd); !checked) {
    ::close(*fd);
    return fail(checked.error().code, "cannot use " + path + ": " + checked.error().text);
  }
  return fd;
}

result<> check_peer(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    return fail(error_code::io_error, "the peer's credentials cannot be read: " + errno_text(errno));
  if (peer.uid != ::geteuid() && peer.uid != 0)
    return fail(error_code::access_denied, "the peer (process " + std::to_string(peer.pid) + ") runs as user " +
                                             std::to_string(peer.uid) + "; only the own user and root may connect");
  return {};
}

} // namespace troupe
