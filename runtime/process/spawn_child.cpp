#include <runtime/process/spawn_child.hpp>

#include <runtime/process/pidfd.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

extern char** environ;

namespace troupe {
namespace {

class file_actions {
public:
  file_actions() { ::posix_spawn_file_actions_init(&value); }
  ~file_actions() { ::posix_spawn_file_actions_destroy(&value); }
  posix_spawn_file_actions_t value;
};

class attributes {
public:
  explicit attributes(bool new_session) {
    ::posix_spawnattr_init(&value);
    sigset_t all;
    sigset_t none;
    sigfillset(&all);
    sigemptyset(&none);
    ::posix_spawnattr_setsigdefault(&value, &all);
    ::posix_spawnattr_setsigmask(&value, &none);
    ::posix_spawnattr_setflags(&value, static_cast<short>(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                                          (new_session ? POSIX_SPAWN_SETSID : 0)));
  }
  ~attributes() { ::posix_spawnattr_destroy(&value); }
  posix_spawnattr_t value;
};

std::vector<std::string> environment_of(const spawn_request& what) {
  std::map<std::string, std::string> merged;
  if (!what.clean_env) {
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
      const std::string_view text{*entry};
      const auto equals = text.find('=');
      if (equals != std::string_view::npos) {
        merged.emplace(text.substr(0, equals), text.substr(equals + 1));
      }
    }
  }
  for (const auto& [name, value] : what.env) {
    merged[name] = value;
  }
  std::vector<std::string> out;
  out.reserve(merged.size());
  for (const auto& [name, value] : merged) {
    out.push_back(name + "=" + value);
  }
  return out;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (auto& text : texts) {
    out.push_back(text.data());
  }
  out.push_back(nullptr);
  return out;
}

std::string reason_of(int number, const spawn_request& what) {
  std::string text = std::strerror(number);
  if (number == E2BIG) {
    text += " (one argument or variable may have 128 KiB: pass large data by a file or by standard input)";
  } else if (number == ENOENT && !what.cwd.empty() && ::access(what.cwd.c_str(), X_OK) != 0) {
    text = "its working folder " + what.cwd + " cannot be entered: " + std::strerror(errno);
  } else if (number == EACCES) {
    text += " (is it a file with the execute permission?)";
  }
  return text;
}

/// Both ends closed on exec; the read end does not block.
bool open_pipe(unique_fd& read_end, unique_fd& write_end) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return false;
  }
  read_end.reset(ends[0]);
  write_end.reset(ends[1]);
  ::fcntl(read_end.get(), F_SETFL, O_NONBLOCK);
  return true;
}

/// Source descriptors above every target number: a dup2 in the child can then never overwrite one still needed.
struct descriptor_plan {
  std::vector<unique_fd> copies;
  std::vector<std::pair<int, int>> moves;
  int highest = 2;

  bool add(int ours, int theirs) {
    unique_fd copy{::fcntl(ours, F_DUPFD_CLOEXEC, highest + 1)};
    if (!copy) {
      return false;
    }
    moves.emplace_back(copy.get(), theirs);
    copies.push_back(std::move(copy));
    return true;
  }

  bool maps(int theirs) const {
    return std::any_of(moves.begin(), moves.end(), [&](const auto& move) { return move.second == theirs; });
  }

  void write_to(posix_spawn_file_actions_t& actions) const {
    for (const auto& [from, to] : moves) {
      ::posix_spawn_file_actions_adddup2(&actions, from, to);
    }
    if (!maps(0)) {
      ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    }
    for (int fd = 3; fd <= highest; ++fd) {
      if (!maps(fd)) {
        ::posix_spawn_file_actions_addclose(&actions, fd);
      }
    }
    ::posix_spawn_file_actions_addclosefrom_np(&actions, highest + 1);
  }
};

} // namespace

result<spawned_child> spawn_child(const spawn_request& what) {
  if (what.argv.empty() || what.argv.front().empty()) {
    return fail(error_code::bad_request, "cannot start a process: no program is named in argv[0]");
  }
  const auto refused = [&](const char* step, int number) {
    return fail(error_code::io_error, "cannot start " + what.argv.front() + ": " + step + reason_of(number, what));
  };
  spawned_child out;
  descriptor_plan plan;
  for (const auto& [ours, theirs] : what.descriptors) {
    plan.highest = std::max(plan.highest, theirs);
  }
  unique_fd out_writer;
  unique_fd err_writer;
  if (what.capture_output) {
    if (!open_pipe(out.out, out_writer) || !open_pipe(out.err, err_writer) || !plan.add(out_writer.get(), 1) ||
        !plan.add(err_writer.get(), 2)) {
      return refused("no pipe for its output: ", errno);
    }
  }
  for (const auto& [ours, theirs] : what.descriptors) {
    if (!plan.add(ours, theirs)) {
      return refused("a declared descriptor cannot be passed on: ", errno);
    }
  }
  file_actions actions;
  if (!what.cwd.empty()) {
    ::posix_spawn_file_actions_addchdir_np(&actions.value, what.cwd.c_str());
  }
  plan.write_to(actions.value);
  attributes attrs{what.new_session};
  auto argv_texts = what.argv;
  auto env_texts = environment_of(what);
  const auto argv = pointers_to(argv_texts);
  const auto env = pointers_to(env_texts);
  const int failure = ::posix_spawn(&out.pid, argv.front(), &actions.value, &attrs.value, argv.data(), env.data());
  if (failure != 0) {
    return refused("", failure);
  }
  // Nobody else collects this child, so the number cannot be another process's yet.
  out.pidfd.reset(open_pidfd(out.pid));
  if (!out.pidfd) {
    const int number = errno;
    ::kill(out.pid, SIGKILL);
    ::waitpid(out.pid, nullptr, 0);
    return refused("no pidfd for it: ", number);
  }
  return out;
}

} // namespace troupe
