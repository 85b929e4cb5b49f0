#include "output_pump.hpp"

#include <runtime/observer/utf8_tail.hpp>

#include <cerrno>

#include <sys/epoll.h>

namespace troupe {
namespace {

constexpr std::size_t chunk = 64 * 1024;
constexpr std::size_t largest_pipe = 1024 * 1024;
constexpr std::chrono::milliseconds hold_time{10};

} // namespace

output_pump::output_pump(event_loop& loop, unique_fd pipe, spool_stream stream, sink on_data)
    : loop_(loop), pipe_(std::move(pipe)), stream_(stream), on_data_(std::move(on_data)) {
  loop_.watch(pipe_.get(), EPOLLIN, [this](std::uint32_t) { read_once(); });
}

output_pump::~output_pump() {
  held_.clear(); // whom it would go to may be gone
  close();
}

void output_pump::finish() {
  for (std::size_t i = 0; i < largest_pipe / chunk + 1 && pipe_ && read_once(); ++i) {
  }
  close();
}

/// False if there is nothing (more) to read now.
bool output_pump::read_once() {
  char buffer[chunk];
  const auto got = ::read(pipe_.get(), buffer, sizeof buffer);
  if (got > 0) {
    take({buffer, static_cast<std::size_t>(got)});
    return true;
  }
  if (got < 0 && errno == EINTR) {
    return true;
  }
  if (got == 0 || errno != EAGAIN) {
    close();
  }
  return false;
}

void output_pump::take(std::string_view bytes) {
  if (hold_ends_) {
    loop_.cancel(*hold_ends_);
    hold_ends_.reset();
  }
  std::string joined;
  if (!held_.empty()) {
    joined = held_ + std::string{bytes};
    held_.clear();
    bytes = joined;
  }
  const auto tail = utf8_tail(bytes);
  if (tail > 0) {
    held_ = bytes.substr(bytes.size() - tail);
    bytes.remove_suffix(tail);
    hold_ends_ = loop_.after(hold_time, [this] {
      hold_ends_.reset();
      flush();
    });
  }
  if (!bytes.empty()) {
    on_data_(stream_, bytes);
  }
}

void output_pump::flush() {
  if (!held_.empty()) {
    const auto rest = std::exchange(held_, {});
    on_data_(stream_, rest);
  }
}

void output_pump::close() {
  if (hold_ends_) {
    loop_.cancel(*hold_ends_);
    hold_ends_.reset();
  }
  if (pipe_) {
    loop_.forget(pipe_.get());
    pipe_.reset();
  }
  flush();
}

} // namespace troupe
