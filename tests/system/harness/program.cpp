#include "tests/system/harness/program.hpp"

#include "tests/system/harness/proc_table.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

extern char** environ;

namespace system_test {

namespace {

struct pipe_ends {
  int read = -1;
  int write = -1;
};

pipe_ends make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("pipe2: " + std::string(std::strerror(errno)));
  }
  return {ends[0], ends[1]};
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::map<std::string, std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const auto split = text.find('=');
    // The settings of whoever runs the tests must not configure the daemon under test.
    if (split != std::string::npos && text.rfind("TROUPE_", 0) != 0) {
      all[text.substr(0, split)] = text.substr(split + 1);
    }
  }
  for (const auto& [name, value] : added) {
    all[name] = value;
  }
  std::vector<std::string> out;
  for (const auto& [name, value] : all) {
    out.push_back(name + "=" + value);
  }
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) {
    out.push_back(text.data());
  }
  out.push_back(nullptr);
  return out;
}

} // namespace

std::string to_string(const std::optional<exit_state>& state) {
  if (!state) {
    return "still running";
  }
  return (state->by_signal ? "killed by signal " : "exit code ") + std::to_string(state->value);
}

program::program(program_options options) {
  const pipe_ends in = make_pipe();
  const pipe_ends out = make_pipe();
  const pipe_ends err = make_pipe();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read, 0);
  posix_spawn_file_actions_adddup2(&actions, out.write, 1);
  posix_spawn_file_actions_adddup2(&actions, err.write, 2);
  if (!options.folder.empty()) {
    posix_spawn_file_actions_addchdir_np(&actions, options.folder.c_str());
  }
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
  auto environment = merged_environment(options.environment);
  auto environment_pointers = pointers(environment);
  auto argv = pointers(options.argv);
  const int failed = posix_spawnp(&pid_, argv[0], &actions, &attributes, argv.data(), environment_pointers.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  close(in.read);
  close(out.write);
  close(err.write);
  input_ = in.write;
  if (failed != 0) {
    close(out.read);
    close(err.read);
    close(input_);
    throw std::runtime_error("cannot start " + options.argv.front() + ": " + std::strerror(failed));
  }
  keep_from_reaping(pid_, true);
  pid_fd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  stop_ = eventfd(0, EFD_CLOEXEC);
  reader_ = std::thread([this, out, err] { read_output(out.read, err.read); });
}

program::~program() {
  if (!wait_exit(0ms)) {
    signal(SIGKILL);
    wait_exit(10s);
  }
  close_input();
  const std::uint64_t one = 1;
  (void)!::write(stop_, &one, sizeof one);
  reader_.join();
  close(stop_);
  close(pid_fd_);
}

void program::read_output(int out_fd, int err_fd) {
  std::array<pollfd, 3> watched{pollfd{out_fd, POLLIN, 0}, pollfd{err_fd, POLLIN, 0}, pollfd{stop_, POLLIN, 0}};
  std::vector<char> buffer(64 * 1024);
  while (watched[0].fd >= 0 || watched[1].fd >= 0) {
    if (poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) {
      break;
    }
    bool read_some = false;
    for (int i = 0; i < 2; ++i) {
      if (watched[i].fd >= 0 && (watched[i].revents & (POLLIN | POLLHUP)) != 0) {
        const auto count = ::read(watched[i].fd, buffer.data(), buffer.size());
        if (count > 0) {
          read_some = true;
          (i == 0 ? out_ : err_).append(std::string_view(buffer.data(), static_cast<std::size_t>(count)));
        } else {
          (i == 0 ? out_ : err_).close();
          watched[i].fd = -1;
        }
      }
    }
    // Somebody else may still hold the pipe: what is there is read, then the wish to stop counts.
    if (!read_some && (watched[2].revents & POLLIN) != 0) {
      break;
    }
  }
  out_.close();
  err_.close();
  close(out_fd);
  close(err_fd);
}

void program::signal(int number) const {
  ::kill(pid_, number);
}

void program::write_input(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto count = ::write(input_, bytes.data(), bytes.size());
    if (count <= 0) {
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void program::close_input() {
  if (input_ >= 0) {
    close(std::exchange(input_, -1));
  }
}

std::optional<exit_state> program::wait_exit(milliseconds limit) {
  if (ended_) {
    return ended_;
  }
  pollfd watched{pid_fd_, POLLIN, 0};
  const auto end = clock::now() + scaled(limit);
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(end - clock::now());
    const int ready = poll(&watched, 1, static_cast<int>(std::max<milliseconds::rep>(0, left.count())));
    if (ready > 0) {
      break;
    }
    if (ready == 0) {
      return std::nullopt;
    }
  }
  int status = 0;
  if (waitpid(pid_, &status, 0) == pid_) {
    keep_from_reaping(pid_, false);
    ended_ = WIFSIGNALED(status) ? exit_state{true, WTERMSIG(status)} : exit_state{false, WEXITSTATUS(status)};
  }
  return ended_;
}

finished run_program(program_options options, milliseconds limit, std::string_view input) {
  const auto begin = clock::now();
  program child(std::move(options));
  if (!input.empty()) {
    child.write_input(input);
  }
  child.close_input();
  finished out;
  out.state = child.wait_exit(limit);
  out.took = since(begin);
  eventually(2s, [&] { return child.out().closed() && child.err().closed(); });
  out.out = child.out().text();
  out.err = child.err().text();
  return out;
}

} // namespace system_test
