#include "call_desk.hpp"

#include <runtime/observer/process_tree.hpp>
#include <runtime/observer/run_plan.hpp>
#include <runtime/process/unix_place.hpp>

#include <cerrno>
#include <string_view>
#include <utility>

#include <sys/epoll.h>
#include <sys/socket.h>

namespace troupe {
namespace {

constexpr std::string_view too_many =
  R"({"id":null,"ok":false,"error":{"name":"mailbox_full","text":"64 connections to the task are open already"}})"
  "\n";
constexpr std::string_view too_long =
  R"({"id":null,"ok":false,"error":{"name":"too_large","text":"a line may have 16 MiB; this connection is closed"}})"
  "\n";

void say(int socket, std::string_view line) {
  (void)!::send(socket, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

} // namespace

call_desk::call_desk(event_loop& loop, handlers what)
    : loop_(loop), book_({[this](std::uint64_t number, std::string line) { send(number, std::move(line)); },
                          std::move(what.on_call), std::move(what.on_call_gone),
                          [this](std::chrono::milliseconds time, std::function<void()> done) {
                            loop_.after(time, std::move(done));
                          }}) {}

call_desk::~call_desk() {
  close();
}

result<> call_desk::listen(const std::string& folder) {
  path_ = call_socket_of(folder);
  auto listener = listen_at_path(path_);
  if (!listener) {
    return std::unexpected(listener.error());
  }
  listener_ = std::move(*listener);
  loop_.watch(listener_.get(), EPOLLIN, [this](std::uint32_t) { accept(); });
  return {};
}

void call_desk::close() {
  if (listener_) {
    loop_.forget(listener_.get());
    listener_.reset();
    ::unlink(path_.c_str());
  }
  while (!connections_.empty()) {
    drop(connections_.begin()->first);
  }
}

void call_desk::accept() {
  auto socket = accept_from(listener_.get());
  if (!socket || !is_below(peer_of(socket.get()).pid, ::getpid())) {
    return;
  }
  if (connections_.size() >= connection_limit) {
    say(socket.get(), too_many);
    return;
  }
  const auto number = ++last_number_;
  const int fd = socket.get();
  connections_[number].socket = std::move(socket);
  loop_.watch(fd, EPOLLIN, [this, number](std::uint32_t events) { serve(number, events); });
}

void call_desk::serve(std::uint64_t number, std::uint32_t events) {
  if ((events & EPOLLOUT) != 0 && !write(number)) {
    return;
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
    (void)(read(number) && take_lines(number));
  }
}

/// False: the connection is gone.
bool call_desk::read(std::uint64_t number) {
  auto& one = connections_.at(number);
  char buffer[64 * 1024];
  const auto got = ::recv(one.socket.get(), buffer, sizeof buffer, 0);
  if (got > 0) {
    one.incoming.append(buffer, static_cast<std::size_t>(got));
    return true;
  }
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    return true;
  }
  drop(number);
  return false;
}

bool call_desk::take_lines(std::uint64_t number) {
  for (;;) {
    const auto found = connections_.find(number);
    if (found == connections_.end()) {
      return false;
    }
    auto& one = found->second;
    const auto end = one.incoming.find('\n', one.searched);
    if (end == std::string::npos ? one.incoming.size() > line_limit : end > line_limit) {
      say(one.socket.get(), too_long);
      drop(number);
      return false;
    }
    if (end == std::string::npos) {
      one.searched = one.incoming.size();
      return true;
    }
    const auto line = one.incoming.substr(0, end);
    one.incoming.erase(0, end + 1);
    one.searched = 0;
    if (!line.empty() && line != "\r") {
      book_.take_line(number, line);
    }
  }
}

void call_desk::send(std::uint64_t number, std::string line) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) {
    return;
  }
  auto& one = found->second;
  const bool is_idle = one.outgoing.empty();
  one.outgoing += line;
  if (one.outgoing.size() > answer_limit + line_limit) {
    loop_.post([this, number] { drop(number); }); // its own call may be under way here
  } else if (is_idle) {
    (void)write(number);
  }
}

bool call_desk::write(std::uint64_t number) {
  auto& one = connections_.at(number);
  std::size_t written = 0;
  while (written < one.outgoing.size()) {
    const auto sent = ::send(one.socket.get(), one.outgoing.data() + written, one.outgoing.size() - written, MSG_NOSIGNAL);
    if (sent >= 0) {
      written += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      loop_.post([this, number] { drop(number); });
      return false;
    }
  }
  one.outgoing.erase(0, written);
  const bool waits = !one.outgoing.empty();
  if (std::exchange(one.waits_for_room, waits) != waits) {
    loop_.change(one.socket.get(), waits ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }
  return true;
}

void call_desk::drop(std::uint64_t number) {
  auto gone = connections_.extract(number);
  if (gone) {
    loop_.forget(gone.mapped().socket.get());
    book_.closed(number);
  }
}

} // namespace troupe
