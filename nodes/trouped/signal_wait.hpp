#pragma once

#include <csignal>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace troupe {

/// Lets the main thread wait for SIGINT or SIGTERM, or for `wake` from any thread. Both signals must be blocked in every
/// thread before (`block_signals` at the top of main).
class signal_wait {
public:
  enum class event { signal, woken };

  static sigset_t signals() {
    sigset_t all;
    sigemptyset(&all);
    sigaddset(&all, SIGINT);
    sigaddset(&all, SIGTERM);
    return all;
  }

  static void block_signals() {
    const auto all = signals();
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
  }

  signal_wait() : wake_(::eventfd(0, EFD_CLOEXEC)) {
    const auto all = signals();
    signals_ = ::signalfd(-1, &all, SFD_CLOEXEC);
  }
  signal_wait(const signal_wait&) = delete;
  signal_wait& operator=(const signal_wait&) = delete;
  ~signal_wait() {
    ::close(wake_);
    ::close(signals_);
  }

  void wake() { (void)!::eventfd_write(wake_, 1); }

  event wait() {
    pollfd both[]{{wake_, POLLIN, 0}, {signals_, POLLIN, 0}};
    while (::poll(both, 2, -1) < 0) {
    }
    if (both[0].revents != 0) {
      return event::woken;
    }
    signalfd_siginfo taken;
    (void)!::read(signals_, &taken, sizeof(taken));
    return event::signal;
  }

private:
  int wake_;
  int signals_;
};

} // namespace troupe
