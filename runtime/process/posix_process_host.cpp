#include <runtime/process/posix_process_host.hpp>

#include <runtime/process/adopt_child.hpp>
#include <runtime/process/io_thread.hpp>
#include <runtime/process/line_splitter.hpp>
#include <runtime/process/pidfd.hpp>
#include <runtime/process/spawn_child.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <optional>

#include <sys/epoll.h>
#include <sys/wait.h>

namespace troupe {
namespace {

/// One child: shared by its user and, until its end, by the loop that waits for it.
class posix_child : public child, public std::enable_shared_from_this<posix_child> {
public:
  posix_child(event_loop& loop, spawned_child parts, child_events events)
      : loop_(loop), pid_(parts.pid), pidfd_(std::move(parts.pidfd)), events_(std::move(events)) {
    streams_[0] = {std::move(parts.out), child_stream::out, {}};
    streams_[1] = {std::move(parts.err), child_stream::err, {}};
  }

  pid_t pid() const noexcept override { return pid_; }

  void signal(int number) override {
    std::lock_guard guard{mutex_};
    if (pidfd_) {
      signal_pidfd(pidfd_.get(), number);
    }
  }

  /// On the loop's thread.
  void start() {
    const auto self = shared_from_this();
    for (auto& one : streams_) {
      if (one.fd) {
        loop_.watch(one.fd.get(), EPOLLIN, [self, &one](std::uint32_t) { self->read(one, read_budget); });
      }
    }
    loop_.watch(pidfd_.get(), EPOLLIN, [self](std::uint32_t) { self->end(); });
  }

private:
  struct stream {
    unique_fd fd;
    child_stream which = child_stream::out;
    line_splitter lines;
  };

  // Of one stream at once, so that a flood does not keep the loop from the other children.
  static constexpr std::size_t read_budget = 256 * 1024;
  // After the end: more than a pipe holds; a grandchild that keeps writing cannot delay the end.
  static constexpr std::size_t last_budget = 2 * 1024 * 1024;

  void read(stream& from, std::size_t budget) {
    const auto on_line = [&](std::string line) {
      if (events_.on_line) {
        events_.on_line(from.which, std::move(line));
      }
    };
    char buffer[64 * 1024];
    while (budget > 0) {
      const auto got = ::read(from.fd.get(), buffer, sizeof buffer);
      if (got > 0) {
        from.lines.feed({buffer, static_cast<std::size_t>(got)}, on_line);
        budget -= std::min(budget, static_cast<std::size_t>(got));
        continue;
      }
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got == 0 || errno != EAGAIN) {
        close(from);
      }
      return;
    }
  }

  void close(stream& one) {
    if (one.fd) {
      loop_.forget(one.fd.get());
      one.fd.reset();
      one.lines.finish([&](std::string line) {
        if (events_.on_line) {
          events_.on_line(one.which, std::move(line));
        }
      });
    }
  }

  void end() {
    siginfo_t info{};
    const bool is_ours = ::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED | WNOHANG) == 0;
    if (is_ours && info.si_pid == 0) {
      return;
    }
    const auto self = shared_from_this(); // the loop's copies go below
    for (auto& one : streams_) {
      if (one.fd) {
        read(one, last_budget);
        close(one);
      }
    }
    loop_.forget(pidfd_.get());
    {
      std::lock_guard guard{mutex_};
      pidfd_.reset();
    }
    const auto events = std::exchange(events_, {});
    if (events.on_end) {
      events.on_end(!is_ours                     ? child_end{child_vanished{}}
                    : info.si_code == CLD_EXITED ? child_end{child_exited{info.si_status}}
                                                 : child_end{child_signalled{info.si_status}});
    }
  }

  event_loop& loop_;
  pid_t pid_;
  std::mutex mutex_; // `signal` against the end
  unique_fd pidfd_;
  child_events events_;
  stream streams_[2];
};

} // namespace

class posix_process_host::state {
public:
  io_thread thread;
};

posix_process_host::posix_process_host() : state_(std::make_unique<state>()) {}

posix_process_host::~posix_process_host() = default;

result<std::shared_ptr<child>> posix_process_host::spawn(const spawn_request& what, child_events events) {
  auto parts = spawn_child(what);
  if (!parts) {
    return std::unexpected(parts.error());
  }
  auto made = std::make_shared<posix_child>(state_->thread.loop(), std::move(*parts), std::move(events));
  state_->thread.loop().post([made] { made->start(); });
  return made;
}

result<std::shared_ptr<child>> posix_process_host::adopt(const adopt_request& what, child_events events) {
  auto parts = adopt_child(what);
  if (!parts) {
    return std::unexpected(parts.error());
  }
  auto made = std::make_shared<posix_child>(state_->thread.loop(), std::move(*parts), std::move(events));
  state_->thread.loop().post([made] { made->start(); });
  return made;
}

} // namespace troupe
