#include "tests/system/cli/cli_program.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utility>

namespace cli_test {

namespace {

constexpr std::chrono::seconds deadline{20};

struct pipe_ends {
  int read = -1;
  int write = -1;
};

pipe_ends make_pipe() {
  std::array<int, 2> ends{};
  ::pipe2(ends.data(), O_CLOEXEC);
  return {ends[0], ends[1]};
}

/// `ours` is written to, `theirs` is the program's standard input.
pipe_ends make_input(const cli_program::options& wanted) {
  if (wanted.has_terminal_input) {
    pipe_ends ends;
    ::openpty(&ends.write, &ends.read, nullptr, nullptr, nullptr);
    ::fcntl(ends.write, F_SETFD, FD_CLOEXEC);
    ::fcntl(ends.read, F_SETFD, FD_CLOEXEC);
    return ends;
  }
  return wanted.has_input ? make_pipe() : pipe_ends{::open("/dev/null", O_RDONLY | O_CLOEXEC), -1};
}

} // namespace

cli_program::cli_program(options wanted) {
  ::signal(SIGPIPE, SIG_IGN);
  const auto in = make_input(wanted);
  const auto out = make_pipe();
  const auto err = make_pipe();
  std::string program = wanted.program.empty() ? TROUPE_PROGRAM : wanted.program;
  std::vector<char*> words{program.data()};
  for (auto& word : wanted.arguments) {
    words.push_back(word.data());
  }
  words.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::setsid();
    ::signal(SIGPIPE, SIG_DFL);
    if (wanted.has_terminal_input) {
      ::ioctl(in.read, TIOCSCTTY, 0);
    }
    for (auto& variable : wanted.environment) {
      ::putenv(variable.data());
    }
    ::dup2(in.read, STDIN_FILENO);
    ::dup2(out.write, STDOUT_FILENO);
    ::dup2(err.write, STDERR_FILENO);
    ::execv(program.c_str(), words.data());
    ::_exit(127);
  }
  ::close(in.read);
  ::close(out.write);
  ::close(err.write);
  input_ = in.write;
  output_ = out.read;
  errors_ = err.read;
  out_reader_ = std::thread([this] { read(output_, out_); });
  err_reader_ = std::thread([this] { read(errors_, err_); });
}

cli_program::~cli_program() {
  if (!code_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  close_input();
  if (out_reader_.joinable()) {
    out_reader_.join();
    ::close(output_);
  }
  err_reader_.join();
  ::close(errors_);
}

void cli_program::read(int fd, std::string& into) {
  std::array<char, 65536> bytes{};
  while (true) {
    const auto count = ::read(fd, bytes.data(), bytes.size());
    if (count <= 0) {
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      into.append(bytes.data(), static_cast<std::size_t>(count));
    }
    changed_.notify_all();
    if (into.ends_with("\x04GO AWAY")) {
      return;
    }
  }
}

void cli_program::write_input(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(input_, bytes.data(), bytes.size());
    if (count <= 0) {
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void cli_program::close_input() {
  if (input_ >= 0) {
    ::close(std::exchange(input_, -1));
  }
}

void cli_program::close_output() {
  out_reader_.join(); // it ends at the mark
  ::close(output_);
}

void cli_program::signal(int number) const {
  ::kill(pid_, number);
}

bool cli_program::wait_text(const std::string& where, std::string_view text) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, deadline, [&] { return where.find(text) != std::string::npos; });
}

bool cli_program::wait_out(std::string_view text) {
  return wait_text(out_, text);
}

bool cli_program::wait_err(std::string_view text) {
  return wait_text(err_, text);
}

ended_program cli_program::wait_end() {
  const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  pollfd end{fd, POLLIN, 0};
  const bool ended = ::poll(&end, 1, static_cast<int>(std::chrono::milliseconds{deadline}.count())) > 0;
  ::close(fd);
  ended_program result;
  if (!ended) {
    ::kill(pid_, SIGKILL);
  }
  int status = 0;
  ::waitpid(pid_, &status, 0);
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (out_reader_.joinable()) {
    out_reader_.join();
    ::close(output_);
  }
  err_reader_.join();
  err_reader_ = std::thread([] {});
  result.code = ended ? *code_ : -1;
  result.out = out_;
  result.err = err_;
  return result;
}

ended_program run_cli(std::vector<std::string> arguments, std::optional<std::string> input,
                      std::vector<std::string> environment) {
  cli_program program(
    {.arguments = std::move(arguments), .has_input = input.has_value(), .environment = std::move(environment)});
  if (input) {
    program.write_input(*input);
    program.close_input();
  }
  return program.wait_end();
}

} // namespace cli_test
