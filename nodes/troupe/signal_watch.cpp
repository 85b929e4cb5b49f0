#include "nodes/troupe/signal_watch.hpp"

#include <sys/signalfd.h>

namespace troupe::cli {

signal_watch::signal_watch(std::function<void(int)> on_signal) : on_signal_(std::move(on_signal)) {
  sigset_t taken;
  sigemptyset(&taken);
  sigaddset(&taken, SIGINT);
  sigaddset(&taken, SIGTERM);
  sigaddset(&taken, SIGHUP);
  ::pthread_sigmask(SIG_BLOCK, &taken, &before_);
  fd_ = ::signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
  thread_ = std::thread([this] { watch(); });
}

signal_watch::~signal_watch() {
  end_.wake();
  thread_.join();
  ::close(fd_);
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void signal_watch::watch() const {
  while (end_.wait_readable(fd_)) {
    signalfd_siginfo info{};
    if (::read(fd_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
      on_signal_(static_cast<int>(info.ssi_signo));
    }
  }
}

} // namespace troupe::cli
