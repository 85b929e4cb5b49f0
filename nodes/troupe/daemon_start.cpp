#include "nodes/troupe/daemon_start.hpp"

#include "nodes/troupe/log_tail.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace troupe::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::milliseconds look_interval{10};
constexpr std::chrono::seconds stop_grace{5};

/// posix_spawn's two descriptions, freed at the end.
struct spawn_plan {
  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};

  explicit spawn_plan(int errors) {
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files, errors, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~spawn_plan() {
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
  }
  spawn_plan(const spawn_plan&) = delete;
  spawn_plan& operator=(const spawn_plan&) = delete;
};

/// How a child of ours ended, as a shell would say it.
int collect(int pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

cli_error why_it_ended(const started_daemon& daemon, int code) {
  auto text = last_lines(daemon.errors, 20).value_or("");
  while (text.ends_with('\n')) {
    text.pop_back();
  }
  if (text.empty()) {
    text = code > 128
             ? "the daemon was ended by signal " + std::to_string(code - 128)
             : "the daemon ended with code " + std::to_string(code) + " without a word; `troupe logs` may tell";
  }
  constexpr std::string_view own_name = "trouped: ";
  text = text.starts_with(own_name) ? text.substr(own_name.size()) : text;
  return {code == exit_usage ? exit_usage : exit_failure, text};
}

} // namespace

attempt<started_daemon> start_daemon(const fs::path& program, const std::vector<std::string>& arguments,
                                     const fs::path& state_dir) {
  if (::access(program.c_str(), X_OK) != 0) {
    return give_up(exit_failure, "the daemon cannot be started: there is no program " + program.string() +
                                   "; trouped belongs beside troupe");
  }
  const auto errors = state_dir / "log" / "trouped.err";
  std::error_code failed;
  fs::create_directories(errors.parent_path(), failed);
  const int fd = ::open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) {
    return give_up(exit_usage, "the state folder cannot be used: " + errors.string() + ": " + std::strerror(errno) +
                                 "; make it writable or choose another one with --state-dir");
  }
  std::vector<char*> words;
  std::string name = program.string();
  words.push_back(name.data());
  for (const auto& argument : arguments) {
    words.push_back(const_cast<char*>(argument.c_str()));
  }
  words.push_back(nullptr);
  const spawn_plan plan(fd);
  pid_t pid = 0;
  const int problem = ::posix_spawn(&pid, name.c_str(), &plan.files, &plan.attributes, words.data(), environ);
  ::close(fd);
  if (problem != 0) {
    return give_up(exit_failure, "the daemon cannot be started: " + name + ": " + std::strerror(problem));
  }
  auto held = held_process::open_child(pid);
  if (!held) {
    return give_up(exit_failure, "the daemon was started, but cannot be watched: this kernel has no pidfd");
  }
  return started_daemon{std::move(*held), errors};
}

attempt<ready_info> wait_ready(const started_daemon& daemon, const fs::path& state_dir,
                               std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < deadline) {
    // a file that an earlier daemon left has another number in it
    if (auto ready = read_ready_file(state_dir); ready && ready->pid == daemon.process.pid()) {
      return ready;
    }
    if (daemon.process.wait_end(look_interval)) {
      return std::unexpected(why_it_ended(daemon, collect(daemon.process.pid())));
    }
  }
  daemon.process.signal(SIGTERM);
  if (!daemon.process.wait_end(stop_grace)) {
    daemon.process.signal(SIGKILL);
  }
  collect(daemon.process.pid());
  return give_up(exit_failure, "the daemon was not ready after " + std::to_string(limit.count() / 1000) +
                                 " s and was ended; `troupe logs` shows what it did, --timeout gives it more time");
}

} // namespace troupe::cli
