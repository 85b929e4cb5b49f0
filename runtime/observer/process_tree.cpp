#include <runtime/observer/process_tree.hpp>

#include <runtime/observer/run_plan.hpp>
#include <runtime/process/pidfd.hpp>
#include <runtime/process/unique_fd.hpp>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include <dirent.h>
#include <fcntl.h>

namespace troupe {
namespace {

std::string read_small_file(const std::string& name, std::size_t limit) {
  std::string out;
  const unique_fd file{::open(name.c_str(), O_RDONLY | O_CLOEXEC)};
  char buffer[4096];
  while (file && out.size() < limit) {
    const auto got = ::read(file.get(), buffer, sizeof buffer);
    if (got <= 0) {
      break;
    }
    out.append(buffer, static_cast<std::size_t>(got));
  }
  return out;
}

std::optional<process_entry> entry_of(pid_t pid) {
  const auto text = read_small_file("/proc/" + std::to_string(pid) + "/stat", 4096);
  const auto name_end = text.rfind(')'); // the name may hold anything, spaces and ')' too
  if (name_end == std::string::npos) {
    return std::nullopt;
  }
  process_entry out;
  out.pid = pid;
  char state = 0;
  int group = 0;
  const int fields = std::sscanf(text.c_str() + name_end + 1,
                                 " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
                                 &state, &out.parent, &group, &out.session, &out.started);
  if (fields != 5) {
    return std::nullopt;
  }
  out.is_zombie = state == 'Z' || state == 'X';
  return out;
}

/// The run whose mark a process carries, or nothing.
std::optional<std::string> mark_of(pid_t pid) {
  const auto environment = read_small_file("/proc/" + std::to_string(pid) + "/environ", 4u << 20);
  const auto begin = std::string{run_mark} + "=";
  std::string_view left{environment};
  while (!left.empty()) {
    const auto end = left.find('\0');
    const auto variable = left.substr(0, end);
    if (variable.starts_with(begin)) {
      return std::string{variable.substr(begin.size())};
    }
    left.remove_prefix(end == std::string_view::npos ? left.size() : end + 1);
  }
  return std::nullopt;
}

/// `chosen` and all below them, the living ones.
std::vector<process_entry> with_descendants(const std::vector<process_entry>& table, std::unordered_set<pid_t> chosen) {
  std::unordered_multimap<pid_t, pid_t> children;
  for (const auto& entry : table) {
    children.emplace(entry.parent, entry.pid);
  }
  std::vector<pid_t> todo{chosen.begin(), chosen.end()};
  while (!todo.empty()) {
    const auto parent = todo.back();
    todo.pop_back();
    const auto [first, last] = children.equal_range(parent);
    for (auto child = first; child != last; ++child) {
      if (chosen.insert(child->second).second) {
        todo.push_back(child->second);
      }
    }
  }
  std::vector<process_entry> out;
  for (const auto& entry : table) {
    if (!entry.is_zombie && chosen.contains(entry.pid)) {
      out.push_back(entry);
    }
  }
  return out;
}

} // namespace

std::vector<process_entry> process_table() {
  std::vector<process_entry> out;
  DIR* folder = ::opendir("/proc");
  while (folder != nullptr) {
    const dirent* item = ::readdir(folder);
    if (item == nullptr) {
      break;
    }
    if (item->d_name[0] >= '1' && item->d_name[0] <= '9') {
      if (auto entry = entry_of(std::atoi(item->d_name))) {
        out.push_back(*entry);
      }
    }
  }
  if (folder != nullptr) {
    ::closedir(folder);
  }
  return out;
}

std::vector<process_entry> descendants_of(pid_t root) {
  auto out = with_descendants(process_table(), {root});
  std::erase_if(out, [&](const auto& entry) { return entry.pid == root; });
  return out;
}

bool is_below(pid_t pid, pid_t root) {
  constexpr int deepest = 100'000; // a chain that changes while it is followed must end too
  for (int steps = 0; pid > 1 && steps < deepest; ++steps) {
    if (pid == root) {
      return true;
    }
    const auto entry = entry_of(pid);
    pid = entry ? entry->parent : 0;
  }
  return false;
}

pid_t parent_of(pid_t pid) {
  const auto entry = pid > 0 ? entry_of(pid) : std::nullopt;
  return entry ? entry->parent : 0;
}

std::size_t signal_processes(const std::vector<process_entry>& which, int signal) {
  std::size_t reached = 0;
  for (const auto& entry : which) {
    const unique_fd handle{open_pidfd(entry.pid)};
    if (!handle) {
      continue;
    }
    const auto now = entry_of(entry.pid);
    if (now && now->started == entry.started && signal_pidfd(handle.get(), signal)) {
      ++reached;
    }
  }
  return reached;
}

std::vector<process_entry> processes_of_run(const std::string& run_id, pid_t script) {
  const auto table = process_table();
  std::unordered_set<pid_t> chosen;
  // A session's number is free for a new process only when the session is empty. So if another process has the
  // script's number, the script's session is gone.
  bool session_is_ours = script > 0;
  for (const auto& entry : table) {
    if (mark_of(entry.pid) == run_id) {
      chosen.insert(entry.pid);
    } else if (entry.pid == script && !entry.is_zombie) {
      session_is_ours = false;
    }
  }
  for (const auto& entry : table) {
    if (session_is_ours && entry.session == script) {
      chosen.insert(entry.pid);
    }
  }
  chosen.erase(::getpid()); // a program that runs inside a run inherits the mark
  return with_descendants(table, std::move(chosen));
}

std::set<std::string> marked_runs() {
  std::set<std::string> out;
  for (const auto& entry : process_table()) {
    if (auto mark = entry.is_zombie ? std::nullopt : mark_of(entry.pid)) {
      out.insert(std::move(*mark));
    }
  }
  return out;
}

} // namespace troupe
