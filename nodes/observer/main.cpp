#include "observer.hpp"

#include <runtime/process/unix_place.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>

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

/// Of `--warm`: the door, the child, the first process of its namespace or -1, and descriptors.
constexpr int warm_arguments = 11;

std::optional<troupe::observer::prepared> prepared_from(char** argv) {
  const auto number = [&](int index) { return std::atoi(argv[index]); };
  const auto own = [&](int index) {
    troupe::unique_fd out{number(index)};
    if (out) {
      ::fcntl(out.get(), F_SETFD, FD_CLOEXEC);
    }
    return out;
  };
  troupe::observer::prepared out;
  out.child.pid = number(3);
  out.child.word = own(5);
  out.child.answer = own(6);
  out.child.ends.in = own(7);
  out.child.ends.out = own(8);
  out.child.ends.err = own(9);
  if (number(4) > 0) {
    out.space.emplace(troupe::run_namespace{number(4), own(10)});
  }
  return out;
}

int serve(troupe::unique_fd control, std::optional<troupe::observer::prepared> warm) {
  ::signal(SIGPIPE, SIG_IGN);
  // Its children are its script's orphans too: it can end all of them, and knows when none is left.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigset_t awaited;
  sigemptyset(&awaited);
  for (int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&awaited, number);
  }
  ::sigprocmask(SIG_BLOCK, &awaited, nullptr);
  const troupe::unique_fd signals{::signalfd(-1, &awaited, SFD_CLOEXEC | SFD_NONBLOCK)};

  troupe::event_loop loop;
  troupe::observer guard{loop, std::move(control), std::move(warm)};
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
  guard.collect_children(); // one that was prepared may have ended before its signal was waited for
  loop.run();
  guard.drop_prepared();
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode == "--init" && argc == 3) {
    troupe::be_first_process(std::atoi(argv[2]));
  }
  try {
    if (mode == "--warm" && argc == warm_arguments) {
      auto warm = prepared_from(argv);
      auto control = troupe::connect_to_path(argv[2]);
      return control ? serve(std::move(*control), std::move(warm)) : 1;
    }
    if (argc == 1 && is_socket(control_descriptor)) {
      ::fcntl(control_descriptor, F_SETFD, FD_CLOEXEC);
      return serve(troupe::unique_fd{control_descriptor}, std::nullopt);
    }
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "troupe-observer: %s\n", problem.what());
    return 1;
  }
  std::fprintf(stderr,
               "troupe-observer is started by a node, with its control socket as descriptor %d; "
               "run scripts with `troupe run`\n",
               control_descriptor);
  return 2;
}
