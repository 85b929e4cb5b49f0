#pragma once

#include <csignal>

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

namespace troupe {

// <sys/pidfd.h> of glibc 2.36 lacks the C linkage that C++ needs.

/// A descriptor for the process, closed on exec; -1 with errno on failure.
inline int open_pidfd(pid_t pid) noexcept {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

inline bool signal_pidfd(int pidfd, int number) noexcept {
  return ::syscall(SYS_pidfd_send_signal, pidfd, number, nullptr, 0) == 0;
}

} // namespace troupe
