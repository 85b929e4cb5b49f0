#include "tests/process/bridge/task_end.hpp"

#include "runtime/bridge/task_socket.hpp"

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace troupe {
namespace {

constexpr int patience_ms = 20'000;

void set_patience(int fd) {
  const timeval time{patience_ms / 1000, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

} // namespace

task_connection::task_connection(unique_fd socket) : socket_(std::move(socket)) { set_patience(socket_.get()); }

task_connection::received task_connection::receive() {
  received out;
  for (;;) {
    const auto next = decoder_.next();
    if (!next) {
      return {};
    }
    if (*next) {
      const auto& piece = **next;
      out.kind = static_cast<int>(piece.kind);
      if (piece.kind == bridge_kind::close) {
        out.payload.clear(); // of a message that was given up
      }
      out.payload += piece.payload;
      out.code = piece.code;
      if (!piece.more) {
        return out;
      }
      continue;
    }
    const auto room = decoder_.prepare();
    const auto got = ::recv(socket_.get(), room.data, room.size, 0);
    if (got <= 0) {
      return {};
    }
    decoder_.commit(static_cast<std::size_t>(got));
  }
}

bool task_connection::send(bridge_kind kind, const std::string& payload) {
  std::size_t at = 0;
  do {
    const auto size = std::min(payload.size() - at, most_bridge_payload);
    const auto header = make_bridge_header(kind, at + size < payload.size(), size);
    if (!send_bytes(std::string(header.data(), header.size()) + payload.substr(at, size))) {
      return false;
    }
    at += size;
  } while (at < payload.size());
  return true;
}

bool task_connection::send_bytes(const std::string& bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto put = ::send(socket_.get(), bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (put <= 0) {
      return false;
    }
    at += static_cast<std::size_t>(put);
  }
  return true;
}

task_end::task_end(std::string runs, std::string pid) : runs_(std::move(runs)), pid_(std::move(pid)) {
  std::filesystem::create_directories(work());
}

void task_end::listen(int backlog) {
  const unique_fd folder{::open(work().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  std::snprintf(where.sun_path, sizeof where.sun_path, "/proc/self/fd/%d/%s", folder.get(), bridge_socket_name);
  listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where);
  ::listen(listener_.get(), backlog);
}

std::optional<task_connection> task_end::accept() {
  pollfd ready{listener_.get(), POLLIN, 0};
  if (::poll(&ready, 1, patience_ms) != 1) {
    return std::nullopt;
  }
  return task_connection{unique_fd{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)}};
}

void task_end::end() { std::ofstream(runs_ + "/" + pid_ + "/result.json") << "{}"; }

} // namespace troupe
