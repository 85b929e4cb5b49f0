#include "nodes/troupe/fd_sink.hpp"

#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace troupe::cli {

namespace {

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      pollfd ready{fd, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

} // namespace

bool fd_sink::out(std::string_view bytes) {
  return write_all(STDOUT_FILENO, bytes);
}

bool fd_sink::err(std::string_view bytes) {
  return write_all(STDERR_FILENO, bytes);
}

} // namespace troupe::cli
