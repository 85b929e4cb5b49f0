#include <runtime/observer/control_channel.hpp>

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace troupe {
namespace {

constexpr std::size_t compact_from = 256 * 1024;

} // namespace

control_channel::control_channel(event_loop& loop, unique_fd socket, handlers what)
    : loop_(loop), socket_(std::move(socket)), handlers_(std::move(what)) {
  ::fcntl(socket_.get(), F_SETFL, ::fcntl(socket_.get(), F_GETFL) | O_NONBLOCK);
  loop_.watch(socket_.get(), EPOLLIN, [this](std::uint32_t events) { serve(events); });
}

control_channel::~control_channel() {
  close();
}

void control_channel::send(std::string frame) {
  if (!socket_) {
    return;
  }
  if (outgoing_.empty()) {
    outgoing_ = std::move(frame);
    write();
  } else {
    outgoing_.append(frame);
  }
}

void control_channel::close() {
  if (socket_) {
    loop_.forget(socket_.get());
    socket_.reset();
  }
}

void control_channel::serve(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) {
    write();
  }
  if (socket_ && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
    read();
  }
}

void control_channel::read_rest() {
  while (socket_ && read()) {
  }
}

/// False if there was nothing to read.
bool control_channel::read() {
  char buffer[64 * 1024];
  const auto got = ::recv(socket_.get(), buffer, sizeof buffer, 0);
  if (got > 0) {
    decoder_.feed({buffer, static_cast<std::size_t>(got)});
    return deliver();
  }
  if (got == 0) {
    end("the other side closed it");
  } else if (errno != EAGAIN && errno != EINTR) {
    end(std::strerror(errno));
  }
  return false;
}

bool control_channel::deliver() {
  while (socket_) {
    auto frame = decoder_.next();
    if (!frame) {
      end(frame.error().text);
      return false;
    }
    if (!*frame) {
      return true;
    }
    handlers_.on_frame(**frame);
  }
  return false;
}

void control_channel::write() {
  while (written_ < outgoing_.size()) {
    const auto sent = ::send(socket_.get(), outgoing_.data() + written_, outgoing_.size() - written_, MSG_NOSIGNAL);
    if (sent >= 0) {
      written_ += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN) {
      if (!std::exchange(waits_for_room_, true)) {
        loop_.change(socket_.get(), EPOLLIN | EPOLLOUT);
      }
      if (written_ > compact_from) {
        outgoing_.erase(0, std::exchange(written_, 0));
      }
      return;
    } else if (errno != EINTR) {
      // What the peer sent before it went is still to be read; reading finds the end.
      outgoing_.clear();
      written_ = 0;
      return;
    }
  }
  outgoing_ = {};
  written_ = 0;
  if (std::exchange(waits_for_room_, false)) {
    loop_.change(socket_.get(), EPOLLIN);
  }
  if (handlers_.on_drained) {
    handlers_.on_drained();
  }
}

void control_channel::end(std::string reason) {
  close();
  handlers_.on_closed(std::move(reason));
}

} // namespace troupe
