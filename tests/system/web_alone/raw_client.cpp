#include "tests/system/web_alone/raw_client.hpp"

#include <algorithm>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe {
namespace {

using clock = std::chrono::steady_clock;

}

raw_client::raw_client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(port);
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0) {
    throw std::runtime_error("cannot connect to the server under test");
  }
}

raw_client::~raw_client() { close(); }

void raw_client::close() {
  if (socket_ >= 0) {
    ::close(socket_);
    socket_ = -1;
  }
}

bool raw_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void raw_client::half_close() { ::shutdown(socket_, SHUT_WR); }

bool raw_client::receive(clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now()).count();
  pollfd wait{socket_, POLLIN, 0};
  if (left < 0 || ::poll(&wait, 1, static_cast<int>(left) + 1) <= 0) {
    return false;
  }
  char buffer[65536];
  const ssize_t got = ::recv(socket_, buffer, sizeof buffer, 0);
  if (got <= 0) {
    return false;
  }
  bytes_.append(buffer, static_cast<std::size_t>(got));
  return true;
}

std::string raw_client::read_until(std::string_view text) {
  const auto until = clock::now() + deadline;
  std::size_t looked = 0;
  for (;;) {
    const auto found = bytes_.find(text, looked);
    if (found != std::string::npos) {
      auto out = bytes_.substr(0, found + text.size());
      bytes_.erase(0, found + text.size());
      return out;
    }
    looked = bytes_.size() > text.size() ? bytes_.size() - text.size() : 0;
    if (!receive(until)) {
      return {};
    }
  }
}

std::string raw_client::read_bytes(std::size_t count) {
  const auto until = clock::now() + deadline;
  while (bytes_.size() < count) {
    if (!receive(until)) {
      return {};
    }
  }
  auto out = bytes_.substr(0, count);
  bytes_.erase(0, count);
  return out;
}

std::string raw_client::answer::field(std::string_view name) const {
  std::string lower = head;
  std::ranges::transform(lower, lower.begin(), ::tolower);
  const auto found = lower.find("\r\n" + std::string(name) + ":");
  if (found == std::string::npos) {
    return {};
  }
  const auto begin = head.find_first_not_of(' ', found + 3 + name.size());
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

raw_client::answer raw_client::read_answer(bool head_only) {
  answer out;
  out.head = read_until("\r\n\r\n");
  if (out.head.size() < 12) {
    return out;
  }
  const int status = std::stoi(out.head.substr(9, 3));
  if (head_only || status == 204 || status == 101 || status == 100) {
    out.status = status;
    return out;
  }
  if (out.field("transfer-encoding") == "chunked") {
    for (;;) {
      const auto line = read_until("\r\n");
      if (line.empty()) {
        return out;
      }
      const auto size = std::stoul(line, nullptr, 16);
      const auto piece = read_bytes(size + 2);
      if (piece.size() != size + 2) {
        return out;
      }
      out.body.append(piece, 0, size);
      if (size == 0) {
        out.status = status;
        return out;
      }
    }
  }
  const auto length = out.field("content-length");
  const std::size_t size = length.empty() ? 0 : std::stoul(length);
  out.body = read_bytes(size);
  out.status = out.body.size() == size ? status : 0;
  return out;
}

bool raw_client::is_closed_within(std::chrono::milliseconds time) {
  const auto until = clock::now() + time;
  while (clock::now() < until) {
    pollfd wait{socket_, POLLIN, 0};
    if (::poll(&wait, 1, 50) > 0) {
      char buffer[4096];
      const ssize_t got = ::recv(socket_, buffer, sizeof buffer, 0);
      if (got <= 0) {
        return true;
      }
      bytes_.append(buffer, static_cast<std::size_t>(got));
    }
  }
  return false;
}

} // namespace troupe
