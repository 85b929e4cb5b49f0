#include "nodes/trouped/left_nodes.hpp"

#include "runtime/process/adopt_child.hpp"
#include "runtime/process/pidfd.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <map>
#include <optional>
#include <set>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view program = "troupe-node";
constexpr std::chrono::milliseconds kill_patience{2000};

template <class Number>
bool read_number(std::string_view text, Number& out) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return !text.empty() && read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

std::string_view word_after(const std::vector<std::string>& words, std::string_view option) {
  const auto at = std::ranges::find(words, option);
  return at == words.end() || at + 1 == words.end() ? std::string_view{} : std::string_view{*(at + 1)};
}

std::optional<left_node> node_of(pid_t pid, const std::string& settings_file) {
  auto words = command_line_of(pid);
  if (!words || fs::path{words->front()}.filename() != program || word_after(*words, "--settings") != settings_file) {
    return std::nullopt;
  }
  left_node found;
  found.node = word_after(*words, "--node");
  found.pid = pid;
  if (found.node.empty() || !read_number(word_after(*words, "--incarnation"), found.incarnation)) {
    return std::nullopt;
  }
  found.argv = std::move(*words);
  return found;
}

void kill_and_wait(const left_node& which) {
  const unique_fd pidfd{open_pidfd(which.pid)};
  if (!pidfd || command_line_of(which.pid) != which.argv) {
    return;
  }
  signal_pidfd(pidfd.get(), SIGKILL);
  pollfd end{pidfd.get(), POLLIN, 0};
  ::poll(&end, 1, static_cast<int>(kill_patience.count()));
}

} // namespace

std::vector<left_node> find_left_nodes(const std::string& settings_file) {
  std::vector<left_node> all;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator("/proc", failed)) {
    pid_t pid = 0;
    struct stat owner {};
    if (!read_number(entry.path().filename().string(), pid) || ::stat(entry.path().c_str(), &owner) != 0 ||
        owner.st_uid != ::geteuid()) {
      continue;
    }
    if (auto found = node_of(pid, settings_file)) {
      all.push_back(std::move(*found));
    }
  }
  return all;
}

std::vector<left_node> keep_left_nodes(std::vector<left_node> found, const std::function<bool(const left_node&)>& is_known) {
  std::ranges::sort(found, std::greater{}, &left_node::incarnation);
  std::set<std::string> seen;
  std::vector<left_node> kept;
  for (auto& one : found) {
    if (is_known(one) && seen.insert(one.node).second) {
      kept.push_back(std::move(one));
    } else {
      kill_and_wait(one);
    }
  }
  std::ranges::reverse(kept); // in the order of their starts
  return kept;
}

void remove_dead_sockets(const fs::path& run_folder, const std::vector<left_node>& kept) {
  std::set<std::string> needed;
  for (const auto& one : kept) {
    const auto first = one.node.find('.');
    const auto last = one.node.rfind('.');
    needed.insert(one.node.substr(first + 1, last - first - 1) + ".sock");
  }
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(run_folder, failed)) {
    if (entry.is_socket(failed) && !needed.contains(entry.path().filename().string())) {
      fs::remove(entry.path(), failed);
    }
  }
}

} // namespace troupe
