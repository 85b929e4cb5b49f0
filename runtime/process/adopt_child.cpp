#include <runtime/process/adopt_child.hpp>

#include <runtime/process/pidfd.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe {
namespace {

unique_fd reopen_pipe(pid_t pid, int number) {
  const auto path = "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(number);
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || !S_ISFIFO(found.st_mode)) {
    return {};
  }
  return unique_fd{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
}

bool has_ended(const unique_fd& pidfd) {
  pollfd end{pidfd.get(), POLLIN, 0};
  return ::poll(&end, 1, 0) != 0;
}

} // namespace

std::optional<std::vector<std::string>> command_line_of(pid_t pid) {
  // No stream: reading from a process that ends at this moment fails, and a stream's iterator throws then.
  const unique_fd file{::open(("/proc/" + std::to_string(pid) + "/cmdline").c_str(), O_RDONLY | O_CLOEXEC)};
  std::string text;
  char piece[4096];
  for (ssize_t got = 0; file && (got = ::read(file.get(), piece, sizeof piece)) > 0;) {
    text.append(piece, static_cast<std::size_t>(got));
  }
  if (text.empty()) {
    return std::nullopt;
  }
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\0', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

result<spawned_child> adopt_child(const adopt_request& what) {
  const auto refused = [&](const std::string& why) {
    return fail(error_code::not_found, "cannot take over process " + std::to_string(what.pid) + ": " + why);
  };
  spawned_child out;
  out.pid = what.pid;
  out.pidfd.reset(what.pid > 1 ? open_pidfd(what.pid) : -1);
  if (!out.pidfd) {
    return refused(what.pid > 1 ? std::strerror(errno) : "that is no process of ours");
  }
  // Read after the pidfd was opened: if that process still runs then, the command line is its own.
  const auto words = command_line_of(what.pid);
  if (!words || *words != what.argv || has_ended(out.pidfd)) {
    return refused(words ? "it is another program" : "it has ended");
  }
  if (what.capture_output) {
    out.out = reopen_pipe(what.pid, 1);
    out.err = reopen_pipe(what.pid, 2);
  }
  return out;
}

} // namespace troupe
