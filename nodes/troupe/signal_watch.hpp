#pragma once

#include "nodes/troupe/wake_fd.hpp"

#include <csignal>
#include <functional>
#include <thread>

namespace troupe::cli {

/// Takes SIGINT, SIGTERM and SIGHUP for as long as it lives, and calls back with each on a thread of its own. To be
/// made before any other thread, so that all of them leave the signals to it.
class signal_watch {
public:
  explicit signal_watch(std::function<void(int signal)> on_signal);
  ~signal_watch();

private:
  void watch() const;

  std::function<void(int)> on_signal_;
  sigset_t before_{};
  int fd_ = -1;
  wake_fd end_;
  std::thread thread_;
};

} // namespace troupe::cli
