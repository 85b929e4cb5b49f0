#include "run_namespace.hpp"

#include <cerrno>
#include <csignal>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe {
namespace {

bool write_file(const char* name, const std::string& text) {
  const unique_fd file{::open(name, O_WRONLY | O_CLOEXEC)};
  return file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

/// Root needs nothing else; others get a user namespace in which they are who they were.
bool leave_pid_namespace() {
  if (::unshare(CLONE_NEWPID) == 0) {
    return true;
  }
  const auto user = std::to_string(::geteuid());
  const auto group = std::to_string(::getegid());
  if (::unshare(CLONE_NEWUSER | CLONE_NEWPID) != 0) {
    return false;
  }
  (void)write_file("/proc/self/setgroups", "deny");
  return write_file("/proc/self/uid_map", user + " " + user + " 1") &&
         write_file("/proc/self/gid_map", group + " " + group + " 1");
}

} // namespace

/// Takes no memory and calls nothing of the observer.
void be_first_process(int lifeline) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, "troupe-init");
  ::setsid();
  sigset_t all;
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  const int kept = ::dup2(lifeline, 0);
  ::syscall(SYS_close_range, 1u, ~0u, 0u);
  const int signals = ::signalfd(-1, &children, SFD_NONBLOCK);
  bool script_ended = false;
  for (;;) {
    pollfd both[2] = {{kept, POLLIN, 0}, {signals, POLLIN, 0}};
    ::poll(both, 2, -1);
    if (both[0].revents != 0) {
      char byte = 0;
      if (::read(kept, &byte, 1) <= 0) {
        ::_exit(0); // the observer is gone
      }
      script_ended = true;
    }
    signalfd_siginfo info;
    while (::read(signals, &info, sizeof info) == sizeof info) {
    }
    pid_t collected = 0;
    do {
      collected = ::waitpid(-1, nullptr, WNOHANG);
    } while (collected > 0);
    if (script_ended && collected < 0 && errno == ECHILD) {
      ::_exit(0);
    }
  }
}

std::optional<run_namespace> enter_run_namespace() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return std::nullopt;
  }
  run_namespace out;
  out.lifeline.reset(ends[0]);
  const unique_fd theirs{ends[1]};
  if (!leave_pid_namespace()) {
    return std::nullopt;
  }
  out.init = ::fork();
  if (out.init == 0) {
    be_first_process(theirs.get());
  }
  return out.init > 0 ? std::optional{std::move(out)} : std::nullopt;
}

void see_own_processes() {
  (void)(::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) == 0 &&
         ::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0);
}

} // namespace troupe
