#include "nodes/troupe/answer_words.hpp"
#include "nodes/troupe/commands.hpp"
#include "nodes/troupe/daemon_process.hpp"
#include "nodes/troupe/typed_value.hpp"

#include <csignal>

namespace troupe::cli {

namespace {

constexpr std::chrono::seconds term_grace{10};
constexpr std::chrono::seconds orphan_grace{15}; ///< longer than nodes and observers stay without a daemon
constexpr std::chrono::seconds kill_grace{5};

std::string described(const held_process& process) {
  return process.name() + " (process " + std::to_string(process.pid()) + ")";
}

/// Asks the head to end the system. An answer that did not come is no obstacle: what counts is the process's end.
attempt<> ask_quit(const command_context& context) {
  const auto system = context.connect();
  if (!system) {
    return std::unexpected(system.error());
  }
  const auto answer = system->ask(nullptr, "quit", nullptr, 5);
  if (!answer) {
    return std::unexpected(answer.error());
  }
  const auto& word = (*answer)["command"].get_ref<const std::string&>();
  if (is_failure_answer(word) || word == "quit_is_not_allowed") {
    return give_up(exit_failure, "the head answered " + printable(word));
  }
  return {};
}

/// Ends one process; what had to be done goes to `forced`. False if it is still there.
bool force_end(const held_process& process, std::vector<std::string>& forced) {
  process.signal(SIGTERM);
  if (process.wait_end(term_grace)) {
    forced.push_back(described(process) + " by SIGTERM");
    return true;
  }
  process.signal(SIGKILL);
  const bool ended = process.wait_end(kill_grace);
  forced.push_back(described(process) + (ended ? " by SIGKILL" : " not even by SIGKILL: it is still there"));
  return ended;
}

/// Ends the nodes that a killed daemon has left; their observers end by themselves once their nodes are gone.
bool end_orphans(const std::vector<held_process>& left, std::vector<std::string>& forced) {
  bool all_ended = true;
  for (const auto& process : left) {
    if (process.name() == "troupe-node") {
      all_ended = force_end(process, forced) && all_ended;
    }
  }
  const auto deadline = std::chrono::steady_clock::now() + orphan_grace;
  for (const auto& process : left) {
    const auto time =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    all_ended = (process.wait_end(time) || force_end(process, forced)) && all_ended;
  }
  return all_ended;
}

void report(const command_context& context, const std::vector<std::string>& forced, bool all_ended) {
  if (context.is_json()) {
    context.print_json(json{{"ended", all_ended}, {"forced", forced}});
    return;
  }
  context.print(all_ended ? "The system has ended.\n" : "The system has not ended.\n");
  for (const auto& what : forced) {
    context.complain("had to be ended by force: " + what);
  }
}

} // namespace

attempt<int> execute(const down_options& options, command_context& context) {
  const auto ready = read_ready_file(context.state_dir());
  if (!ready) {
    return std::unexpected(ready.error());
  }
  const auto daemon = open_daemon(ready->pid);
  std::vector<std::string> forced;
  if (const auto left = open_system(0, ready->settings); !daemon && !left.empty()) {
    context.complain("the daemon (process " + std::to_string(ready->pid) + ") is gone; what it left is ended");
    const bool all_ended = end_orphans(left, forced);
    report(context, forced, all_ended);
    return all_ended ? exit_ok : exit_failure;
  }
  if (!daemon) {
    return give_up(exit_not_running, "no system is running on " + context.state_dir().string() + ": the process " +
                                       std::to_string(ready->pid) + " that ready.json names is gone");
  }
  const auto below = open_system(daemon->pid(), ready->settings);
  const auto limit = std::chrono::milliseconds{static_cast<std::int64_t>(options.timeout_s * 1000)};
  const auto asked = ask_quit(context);
  if (!asked) {
    context.complain("the system did not take `quit`: " + asked.error().text);
  }
  bool all_ended = (asked && daemon->wait_end(limit)) || force_end(*daemon, forced);
  const auto deadline = std::chrono::steady_clock::now() + orphan_grace;
  for (const auto& process : below) {
    const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    all_ended = (process.wait_end(left) || force_end(process, forced)) && all_ended;
  }
  report(context, forced, all_ended);
  return all_ended ? exit_ok : exit_failure;
}

} // namespace troupe::cli
