#include "nodes/trouped/posix_launcher.hpp"

#include "runtime/node/peer_table.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe {

namespace {

constexpr int link_number = 3; ///< the link's descriptor in the child
constexpr std::chrono::milliseconds dial_interval{20};

verbosity level_of(char letter) {
  switch (letter) {
  case 'D':
    return verbosity::debug;
  case 'W':
    return verbosity::warning;
  case 'E':
    return verbosity::error;
  default:
    return verbosity::info;
  }
}

std::string text_of(const child_end& how) {
  if (const auto* exited = std::get_if<child_exited>(&how)) {
    return fmt::format("it exited with {}", exited->code);
  }
  if (const auto* killed = std::get_if<child_signalled>(&how)) {
    return fmt::format("signal {} ({})", killed->signal, ::strsignal(killed->signal));
  }
  return "how it ended is unknown, an earlier daemon had started it";
}

} // namespace

posix_launcher::posix_launcher(posix_launcher_options options, process_host& processes, log& lines)
  : options_(std::move(options)), processes_(processes), lines_(lines) {}

result<pid_t> posix_launcher::launch(const std::string& node, std::uint32_t incarnation) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    return fail(error_code::io_error, fmt::format("no socket for the process {}: {}", node, std::strerror(errno)));
  }
  spawn_request what;
  what.argv = {options_.node_program, "--settings", options_.settings_file,      "--node",   node,
               "--incarnation",       std::to_string(incarnation), "--link-fd", std::to_string(link_number)};
  what.descriptors = {{pair[1], link_number}};
  what.capture_output = true;
  // Held over the start: the end may be reported before it returns.
  std::unique_lock lock{mutex_};
  auto started = processes_.spawn(what, events_of(node, incarnation));
  ::close(pair[1]);
  if (!started) {
    ::close(pair[0]);
    return std::unexpected(started.error());
  }
  const auto pid = (*started)->pid();
  children_[node] = child_record{std::move(*started), incarnation, std::chrono::steady_clock::now()};
  lock.unlock();
  daemon_->peers().adopt(pair[0], node, false);
  return pid;
}

child_events posix_launcher::events_of(const std::string& node, std::uint32_t incarnation) {
  child_events events;
  events.on_line = [this, node](child_stream stream, const std::string& line) { show(node, stream, line); };
  events.on_end = [this, node, incarnation](child_end how) { ended(node, incarnation, how); };
  return events;
}

result<> posix_launcher::adopt(const left_node& what) {
  {
    std::lock_guard lock{mutex_};
    auto taken = processes_.adopt(adopt_request{what.pid, what.argv, true}, events_of(what.node, what.incarnation));
    if (!taken) {
      return std::unexpected(taken.error());
    }
    children_[what.node] = child_record{std::move(*taken), what.incarnation, std::chrono::steady_clock::now()};
  }
  // Its output is read by now: it goes on writing as soon as it takes the call.
  dial(what.node, what.incarnation);
  return {};
}

/// Again and again while the process lives: it may not listen yet. Who does not answer is the judge's affair.
void posix_launcher::dial(const std::string& node, std::uint32_t incarnation) {
  {
    std::lock_guard lock{mutex_};
    auto at = children_.find(node);
    if (at == children_.end() || at->second.incarnation != incarnation) {
      return;
    }
  }
  if (daemon_->peers().last_received(node)) {
    return; // the link is up
  }
  (void)daemon_->peers().call(node);
  daemon_->timers().after(dial_interval, [this, node, incarnation] { dial(node, incarnation); });
}

void posix_launcher::link_lost(const std::string& node) {
  std::uint32_t incarnation = 0;
  {
    std::lock_guard lock{mutex_};
    auto at = children_.find(node);
    if (at == children_.end()) {
      return;
    }
    at->second.without_link = std::chrono::steady_clock::now();
    incarnation = at->second.incarnation;
  }
  daemon_->timers().after(dial_interval, [this, node, incarnation] { dial(node, incarnation); });
}

void posix_launcher::show(const std::string& node, child_stream stream, const std::string& line) {
  if (stream == child_stream::out) {
    {
      std::lock_guard lock{output_mutex_};
      fmt::print("[{}] {}\n", node, line);
      std::fflush(stdout);
    }
    lines_.write(verbosity::info, fmt::format("[{}] {}", node, line));
    return;
  }
  const bool levelled = line.size() > 2 && line[1] == ' ' && std::strchr("DIWE", line[0]) != nullptr;
  lines_.write(levelled ? level_of(line[0]) : verbosity::warning,
               fmt::format("[{}] {}", node, levelled ? line.substr(2) : line));
}

void posix_launcher::ended(const std::string& node, std::uint32_t incarnation, child_end how) {
  {
    std::lock_guard lock{mutex_};
    if (auto at = children_.find(node); at != children_.end() && at->second.incarnation == incarnation) {
      children_.erase(at);
    }
  }
  const auto text = text_of(how);
  // A killed process leaves its socket behind. Nobody else has the name until this end is told.
  ::unlink(daemon_->peers().socket_of(node).c_str());
  json body{{"node", node}, {"incarnation", incarnation}, {"how", text}};
  (void)daemon_->send(request{address{std::string{local_admin_entity}}, "node_has_exited", std::move(body), {}, {}, {}});
}

void posix_launcher::kill(const std::string& node) {
  std::lock_guard lock{mutex_};
  if (auto at = children_.find(node); at != children_.end()) {
    at->second.process->signal(SIGKILL);
  }
}

void posix_launcher::kill_all() {
  std::lock_guard lock{mutex_};
  for (auto& [node, record] : children_) {
    record.process->signal(SIGKILL);
  }
}

void posix_launcher::ping(const std::string& node) { daemon_->peers().ping(node); }

std::optional<std::chrono::duration<double>> posix_launcher::silence(const std::string& node) const {
  const auto now = std::chrono::steady_clock::now();
  if (auto last = daemon_->peers().last_received(node)) {
    return now - *last;
  }
  std::lock_guard lock{mutex_};
  auto at = children_.find(node);
  return at != children_.end() ? std::optional<std::chrono::duration<double>>{now - at->second.without_link} : std::nullopt;
}

process_condition posix_launcher::condition(const std::string& node) const {
  pid_t pid = 0;
  {
    std::lock_guard lock{mutex_};
    auto at = children_.find(node);
    if (at == children_.end()) {
      return process_condition::gone;
    }
    pid = at->second.process->pid();
  }
  std::ifstream file{fmt::format("/proc/{}/stat", pid)};
  std::string line;
  std::getline(file, line);
  const auto end_of_name = line.rfind(')');
  if (end_of_name == std::string::npos || end_of_name + 2 >= line.size()) {
    return process_condition::gone;
  }
  switch (line[end_of_name + 2]) {
  case 'T':
  case 't':
    return process_condition::stopped;
  case 'R':
  case 'D':
    return process_condition::running;
  case 'Z':
  case 'X':
    return process_condition::gone;
  default:
    return process_condition::sleeping;
  }
}

void posix_launcher::announce_down(const std::string& node, const std::string& reason) {
  daemon_->node_is_down(node, reason);
  daemon_->peers().tell_all(json{{"t", "down"}, {"node", node}, {"reason", reason}});
}

result<> posix_launcher::admit(const std::string& node, std::uint32_t incarnation) const {
  std::lock_guard lock{mutex_};
  auto at = children_.find(node);
  if (at == children_.end() || at->second.incarnation != incarnation) {
    return fail(error_code::access_denied, "this daemon has started no node " + node + " of that incarnation");
  }
  return {};
}

} // namespace troupe
