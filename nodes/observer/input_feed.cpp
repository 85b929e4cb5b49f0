#include "input_feed.hpp"

#include <cerrno>
#include <cstring>

#include <sys/epoll.h>

namespace troupe {
namespace {

constexpr std::size_t compact_from = 64 * 1024;

} // namespace

input_feed::input_feed(event_loop& loop, unique_fd pipe, handlers what)
    : loop_(loop), pipe_(std::move(pipe)), handlers_(std::move(what)) {
  if (pipe_) {
    // No events asked for: a reader that goes is reported as EPOLLERR all the same.
    loop_.watch(pipe_.get(), 0, [this](std::uint32_t events) { serve(events); });
  }
}

input_feed::~input_feed() {
  close();
}

void input_feed::add(std::uint64_t place, std::string_view bytes) {
  if (!pipe_ || closes_ || place > received_ || place + bytes.size() <= received_) {
    return;
  }
  bytes.remove_prefix(received_ - place);
  received_ += bytes.size();
  waiting_.append(bytes);
  write();
}

void input_feed::close_after_rest() {
  closes_ = true;
  if (waiting_.empty()) {
    close();
  }
}

void input_feed::serve(std::uint32_t events) {
  if ((events & EPOLLERR) != 0) {
    close();
    waiting_ = {};
    closed_reason_ = "the script has closed its standard input";
    handlers_.on_closed(closed_reason_);
    return;
  }
  write();
}

void input_feed::write() {
  const auto before = total_;
  while (written_ < waiting_.size()) {
    const auto done = ::write(pipe_.get(), waiting_.data() + written_, waiting_.size() - written_);
    if (done >= 0) {
      written_ += static_cast<std::size_t>(done);
      total_ += static_cast<std::uint64_t>(done);
    } else if (errno == EAGAIN) {
      loop_.change(pipe_.get(), EPOLLOUT);
      break;
    } else if (errno != EINTR) {
      serve(EPOLLERR);
      return;
    }
  }
  if (written_ == waiting_.size()) {
    waiting_.clear();
    written_ = 0;
    loop_.change(pipe_.get(), 0);
  } else if (written_ > compact_from) {
    waiting_.erase(0, std::exchange(written_, 0));
  }
  if (total_ != before) {
    handlers_.on_taken(total_);
  }
  if (closes_ && waiting_.empty()) {
    close();
  }
}

void input_feed::close() {
  if (pipe_) {
    loop_.forget(pipe_.get());
    pipe_.reset();
  }
}

} // namespace troupe
