#pragma once

#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace troupe::cli {

/// A descriptor that wakes a thread out of poll(). `wake` may be called from any thread.
class wake_fd {
public:
  wake_fd() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~wake_fd() { ::close(fd_); }
  wake_fd(const wake_fd&) = delete;
  wake_fd& operator=(const wake_fd&) = delete;

  void wake() const noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
  }

  int fd() const noexcept { return fd_; }

  /// Waits until `fd` can be read; false when woken instead.
  bool wait_readable(int fd) const noexcept {
    pollfd both[2] = {{fd_, POLLIN, 0}, {fd, POLLIN, 0}};
    while (::poll(both, 2, -1) < 0) {
    }
    return both[0].revents == 0;
  }

private:
  int fd_;
};

} // namespace troupe::cli
