#include "tests/system/harness/raw_socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace system_test {

raw_socket raw_socket::tcp(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
    close(fd);
    return raw_socket(-1);
  }
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return raw_socket(fd);
}

raw_socket raw_socket::unix_path(const std::filesystem::path& file) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  std::strncpy(where.sun_path, file.c_str(), sizeof where.sun_path - 1);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
    close(fd);
    return raw_socket(-1);
  }
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return raw_socket(fd);
}

raw_socket::raw_socket(raw_socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

raw_socket::~raw_socket() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

bool raw_socket::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto count = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
      continue;
    }
    if (errno != EAGAIN) {
      return false;
    }
    pollfd watched{fd_, POLLOUT, 0};
    if (poll(&watched, 1, 1000) == 0) {
      return true;
    }
    if ((watched.revents & (POLLERR | POLLHUP)) != 0) {
      return false;
    }
  }
  return true;
}

std::string raw_socket::read_until(std::string_view wanted, milliseconds limit) const {
  std::string out;
  std::array<char, 16 * 1024> buffer{};
  const auto end = clock::now() + scaled(limit);
  while (clock::now() < end && out.find(wanted) == std::string::npos) {
    pollfd watched{fd_, POLLIN, 0};
    const auto left = std::chrono::ceil<milliseconds>(end - clock::now());
    if (poll(&watched, 1, static_cast<int>(std::max<milliseconds::rep>(0, left.count()))) <= 0) {
      break;
    }
    const auto count = recv(fd_, buffer.data(), buffer.size(), 0);
    if (count <= 0) {
      break;
    }
    out.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return out;
}

bool raw_socket::is_closed_within(milliseconds limit) const {
  std::array<char, 16 * 1024> buffer{};
  return eventually(limit, [&] {
    const auto count = recv(fd_, buffer.data(), buffer.size(), 0);
    return count == 0 || (count < 0 && errno != EAGAIN);
  });
}

void raw_socket::half_close() const {
  shutdown(fd_, SHUT_WR);
}

} // namespace system_test
