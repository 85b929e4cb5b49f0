#include "observer.hpp"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

namespace {

constexpr int control_descriptor = 3;

bool is_socket(int fd) {
  int kind = 0;
  socklen_t size = sizeof kind;
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &size) == 0;
}

int serve() {
  ::signal(SIGPIPE, SIG_IGN);
  // Its children are its script's orphans too: it can end all of them, and knows when none is left.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::fcntl(control_descriptor, F_SETFD, FD_CLOEXEC);
  sigset_t awaited;
  sigemptyset(&awaited);
  for (int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&awaited, number);
  }
  ::sigprocmask(SIG_BLOCK, &awaited, nullptr);
  const troupe::unique_fd signals{::signalfd(-1, &awaited, SFD_CLOEXEC | SFD_NONBLOCK)};

  troupe::event_loop loop;
  troupe::observer guard{loop, troupe::unique_fd{control_descriptor}};
  loop.watch(signals.get(), EPOLLIN, [&](std::uint32_t) {
    signalfd_siginfo info{};
    while (::read(signals.get(), &info, sizeof info) == sizeof info) {
      if (info.ssi_signo == SIGCHLD) {
        guard.collect_children();
      } else {
        guard.asked_to_end();
      }
    }
  });
  loop.run();
  return 0;
}

} // namespace

int main(int argc, char**) {
  if (argc != 1 || !is_socket(control_descriptor)) {
    std::fprintf(stderr,
                 "troupe-observer is started by a node, with its control socket as descriptor %d; "
                 "run scripts with `troupe run`\n",
                 control_descriptor);
    return 2;
  }
  try {
    return serve();
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "troupe-observer: %s\n", problem.what());
    return 1;
  }
}
