#include "tests/system/harness/proc_table.hpp"

#include "tests/system/harness/temp_folder.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <mutex>
#include <set>
#include <sstream>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace system_test {

namespace fs = std::filesystem;

namespace {

std::string words(std::string text) {
  std::replace(text.begin(), text.end(), '\0', ' ');
  while (!text.empty() && text.back() == ' ') {
    text.pop_back();
  }
  return text;
}

bool read_entry(pid_t pid, process_entry& out) {
  const std::string stat = read_text("/proc/" + std::to_string(pid) + "/stat");
  const auto name_begin = stat.find('(');
  const auto name_end = stat.rfind(')');
  if (name_begin == std::string::npos || name_end == std::string::npos) {
    return false;
  }
  out.pid = pid;
  std::istringstream rest(stat.substr(name_end + 1));
  rest >> out.state >> out.parent;
  out.command = words(read_text("/proc/" + std::to_string(pid) + "/cmdline"));
  if (out.command.empty()) {
    out.command = stat.substr(name_begin, name_end - name_begin + 1);
  }
  return true;
}

std::vector<process_entry> all_processes() {
  std::vector<process_entry> out;
  std::error_code ignored;
  for (const auto& folder : fs::directory_iterator("/proc", ignored)) {
    const std::string name = folder.path().filename();
    process_entry entry;
    if (std::all_of(name.begin(), name.end(), ::isdigit) && read_entry(std::stoi(name), entry)) {
      out.push_back(std::move(entry));
    }
  }
  return out;
}

} // namespace

std::vector<process_entry> processes_below_us() {
  const auto all = all_processes();
  std::set<pid_t> ours{getpid()};
  std::vector<process_entry> out;
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& entry : all) {
      if (ours.count(entry.parent) != 0 && ours.insert(entry.pid).second) {
        out.push_back(entry);
        grew = true;
      }
    }
  }
  return out;
}

std::vector<process_entry> processes_that_name(std::string_view text) {
  std::vector<process_entry> out;
  for (auto& entry : all_processes()) {
    const std::string folder = "/proc/" + std::to_string(entry.pid);
    std::error_code no_folder;
    const std::string cwd = fs::read_symlink(folder + "/cwd", no_folder);
    if (entry.pid != getpid() &&
        (entry.command.find(text) != std::string::npos || cwd.find(text) != std::string::npos ||
         read_text(folder + "/environ").find(text) != std::string::npos)) {
      out.push_back(std::move(entry));
    }
  }
  return out;
}

std::vector<std::string> sockets_below(const fs::path& folder) {
  std::set<std::string> found;
  std::ifstream table("/proc/net/unix");
  for (std::string line; std::getline(table, line);) {
    const auto path = line.find('/');
    if (path != std::string::npos && line.compare(path, folder.native().size(), folder.native()) == 0) {
      found.insert(line.substr(path));
    }
  }
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(folder, ignored)) {
    if (entry.is_socket(ignored)) {
      found.insert(entry.path());
    }
  }
  return {found.begin(), found.end()};
}

std::vector<std::string> open_descriptors(pid_t pid) {
  std::vector<std::string> out;
  std::error_code ignored;
  const std::string folder = "/proc/" + (pid == 0 ? std::string("self") : std::to_string(pid)) + "/fd";
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const auto target = fs::read_symlink(entry.path(), ignored).string();
    if (!target.empty() && target.find("/proc/") != 0) {
      out.push_back(target);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

long resident_kib(pid_t pid) {
  std::istringstream status(read_text("/proc/" + std::to_string(pid) + "/status"));
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS:", 0) == 0) {
      return std::stol(line.substr(6));
    }
  }
  return 0;
}

bool is_alive(pid_t pid) {
  process_entry entry;
  return read_entry(pid, entry) && entry.state != 'Z';
}

void become_subreaper() {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  std::signal(SIGPIPE, SIG_IGN);
}

namespace {

std::mutex kept_mutex;

std::set<pid_t>& kept_children() {
  static std::set<pid_t> kept;
  return kept;
}

} // namespace

void keep_from_reaping(pid_t pid, bool kept) {
  std::lock_guard lock(kept_mutex);
  if (kept) {
    kept_children().insert(pid);
  } else {
    kept_children().erase(pid);
  }
}

void reap_orphans(std::string_view named) {
  const auto all = all_processes();
  std::lock_guard lock(kept_mutex);
  for (const auto& entry : all) {
    if (entry.parent == getpid() && entry.state == 'Z' && kept_children().count(entry.pid) == 0 &&
        entry.command.find(named) != std::string::npos) {
      waitpid(entry.pid, nullptr, WNOHANG);
    }
  }
}

std::string to_string(const std::vector<process_entry>& processes) {
  std::ostringstream out;
  for (const auto& entry : processes) {
    out << "\n  " << entry.pid << " (parent " << entry.parent << ", " << entry.state << ") " << entry.command;
  }
  return out.str();
}

} // namespace system_test
