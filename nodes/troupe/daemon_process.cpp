#include "nodes/troupe/daemon_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace troupe::cli {

namespace fs = std::filesystem;

namespace {

struct process_entry {
  int parent = 0;
  char state = 0;
  std::string name;
};

/// Empty if the process ends at this moment.
std::string text_of(int pid, const char* file) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/" + file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf(); // an iterator would throw if the reading fails
  return out.str();
}

/// Reads `/proc/<pid>/stat`: `pid (name) state parent ...`; the name may hold anything.
std::optional<process_entry> read_entry(int pid) {
  const auto text = text_of(pid, "stat");
  const auto open = text.find('(');
  const auto close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close + 4 > text.size()) {
    return std::nullopt;
  }
  process_entry entry{0, text[close + 2], text.substr(open + 1, close - open - 1)};
  std::from_chars(text.data() + close + 4, text.data() + text.size(), entry.parent);
  return entry;
}

std::map<int, process_entry> all_processes() {
  std::map<int, process_entry> found;
  std::error_code failed;
  for (const auto& folder : fs::directory_iterator("/proc", failed)) {
    const auto name = folder.path().filename().string();
    int pid = 0;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (read.ec == std::errc{} && read.ptr == name.data() + name.size()) {
      if (auto entry = read_entry(pid)) {
        found.emplace(pid, std::move(*entry));
      }
    }
  }
  return found;
}

bool is_below(const std::map<int, process_entry>& all, int pid, int ancestor) {
  for (std::size_t steps = 0; steps < all.size(); ++steps) {
    const auto entry = all.find(pid);
    if (entry == all.end()) {
      return false;
    }
    pid = entry->second.parent;
    if (pid == ancestor) {
      return true;
    }
  }
  return false;
}

bool was_started_with(int pid, const std::string& settings_file) {
  const auto text = text_of(pid, "cmdline");
  const std::string option{"\0--settings\0", 12};
  return text.find(option + settings_file + '\0') != std::string::npos;
}

} // namespace

std::optional<held_process> held_process::open(int pid) {
  if (pid <= 1) {
    return std::nullopt;
  }
  const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) {
    return std::nullopt;
  }
  auto entry = read_entry(pid);
  if (!entry || entry->state == 'Z' || entry->state == 'X') {
    ::close(fd);
    return std::nullopt;
  }
  return held_process{pid, fd, std::move(entry->name)};
}

std::optional<held_process> held_process::open_child(int pid) {
  const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  return fd < 0 ? std::nullopt : std::optional{held_process{pid, fd, {}}};
}

held_process::held_process(held_process&& other) noexcept
    : pid_(other.pid_), fd_(std::exchange(other.fd_, -1)), name_(std::move(other.name_)) {}

held_process::~held_process() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

bool held_process::wait_end(std::chrono::milliseconds limit) const {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (true) {
    const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd end{fd_, POLLIN, 0};
    const int count = ::poll(&end, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (count > 0) {
      return true;
    }
    if (count == 0 || errno != EINTR) {
      return false;
    }
  }
}

void held_process::signal(int number) const {
  ::syscall(SYS_pidfd_send_signal, fd_, number, nullptr, 0);
}

std::optional<held_process> open_daemon(int pid) {
  auto found = held_process::open(pid);
  return found && found->name() == "trouped" ? std::move(found) : std::nullopt;
}

std::vector<held_process> open_system(int daemon, const std::string& settings_file) {
  std::vector<held_process> found;
  const auto all = all_processes();
  std::set<int> roots;
  for (const auto& [candidate, entry] : all) {
    if (!settings_file.empty() && entry.name == "troupe-node" && was_started_with(candidate, settings_file)) {
      roots.insert(candidate);
    }
  }
  const auto belongs = [&](int pid) {
    return roots.contains(pid) || (daemon != 0 && is_below(all, pid, daemon)) ||
           std::ranges::any_of(roots, [&](int root) { return is_below(all, pid, root); });
  };
  for (const auto& [candidate, entry] : all) {
    if (entry.name.starts_with("troupe-") && belongs(candidate)) {
      auto held = held_process::open(candidate);
      if (held && held->name() == entry.name) {
        found.push_back(std::move(*held));
      }
    }
  }
  return found;
}

fs::path program_dir() {
  std::error_code failed;
  return fs::read_symlink("/proc/self/exe", failed).parent_path();
}

} // namespace troupe::cli
