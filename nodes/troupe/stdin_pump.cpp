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
  stop_.request_stop();
  end_.wake();
  thread_.join();
}

void stdin_pump::pump() const {
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

bool stdin_pump::deliver(const std::string& bytes, bool close) const {
  while (true) {
    const auto written = system_.write_stdin(task_, bytes, close, stop_.get_token());
    if (written) {
      return true;
    }
    const int status = written.error().http_status;
    if ((status != 429 && status != 503) || stop_.stop_requested()) {
      return false; // the script reads no more, or the connection is gone, which the output shows
    }
    pollfd ended{end_.fd(), POLLIN, 0};
    ::poll(&ended, 1, static_cast<int>(busy_pause.count()));
  }
}

} // namespace troupe::cli
