#include "nodes/troupe/stdin_pump.hpp"

#include "nodes/troupe/gateway.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace troupe::cli {

namespace {

constexpr std::size_t piece_bytes = 64 * 1024;
constexpr std::chrono::milliseconds busy_pause{50};

bool is_null_device(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 && S_ISCHR(info.st_mode) && info.st_rdev == makedev(1, 3);
}

} // namespace

bool stdin_pump::is_worth_reading(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) == O_WRONLY || is_null_device(fd)) {
    return false;
  }
  // a background job that reads its terminal is stopped by the kernel
  return ::isatty(fd) == 0 || ::tcgetpgrp(fd) == ::getpgrp();
}

stdin_pump::stdin_pump(const gateway& system, std::string task, int fd)
    : system_(system), task_(std::move(task)), fd_(fd), thread_([this] { pump(); }) {}

stdin_pump::~stdin_pump() {
  stop();
}

void stdin_pump::pump() {
  std::string buffer(piece_bytes, '\0');
  while (end_.wait_readable(fd_)) {
    const ssize_t count = ::read(fd_, buffer.data(), buffer.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
      continue;
    }
    if (count <= 0) {
      deliver({}, true);
      return;
    }
    if (!deliver(buffer.substr(0, static_cast<std::size_t>(count)), false)) {
      return;
    }
  }
}

stdin_pump::delivery stdin_pump::judge(const attempt<>& written) {
  constexpr int conflict = 409;
  constexpr int gone = 404;
  constexpr int too_much_waits = 429;
  constexpr int no_answer_yet = 504; // the bytes wait at the task; what comes behind them waits for room
  if (written || written.error().http_status == no_answer_yet) {
    return delivery::done;
  }
  switch (written.error().http_status) {
  case too_much_waits:
    return delivery::again;
  case 0: // the connection is gone, which the output shows
  case conflict:
  case gone:
    return delivery::over;
  default:
    return delivery::refused;
  }
}

bool stdin_pump::deliver(const std::string& bytes, bool close) {
  while (!stop_.stop_requested()) {
    const auto written = system_.write_stdin(task_, bytes, close, stop_.get_token());
    switch (judge(written)) {
    case delivery::done:
      return true;
    case delivery::over:
      return false;
    case delivery::refused:
      problem_ = written.error().text;
      return false;
    case delivery::again:
      break;
    }
    pollfd ended{end_.fd(), POLLIN, 0};
    ::poll(&ended, 1, static_cast<int>(busy_pause.count()));
  }
  return false;
}

std::string stdin_pump::stop() {
  if (thread_.joinable()) {
    stop_.request_stop();
    end_.wake();
    thread_.join();
  }
  return problem_;
}

} // namespace troupe::cli
