#include "nodes/troupe/commands.hpp"
#include "nodes/troupe/daemon_start.hpp"

#include "runtime/config/settings.hpp"

namespace troupe::cli {

namespace {

namespace fs = std::filesystem;

void report(const command_context& context, const ready_info& ready, const fs::path& state_dir, bool was_running) {
  if (context.is_json()) {
    context.print_json(json{{"pid", ready.pid},
                            {"api", ready.api},
                            {"login", ready.login.empty() ? json(nullptr) : json(ready.login)},
                            {"state_dir", state_dir.string()},
                            {"was_running", was_running}});
    return;
  }
  std::string text = was_running ? "The system is already running (process " : "The system is running (process ";
  text += std::to_string(ready.pid) + ").\n";
  text += "Console:  " + ready.api + "/\n";
  if (!ready.login.empty()) {
    text += "Log in:   " + ready.login + "   (works once; `troupe login` makes another)\n";
  }
  if (state_dir != find_state_dir({}, environment_value)) {
    text += "Its state is in " + state_dir.string() + ": give the other commands --state-dir " + state_dir.string() +
            " or set TROUPE_STATE_DIR.\n";
  }
  context.print(text);
}

/// Where the daemon of that config will keep its state: a flag goes before the config, the config before the default.
attempt<fs::path> state_dir_of(const up_options& options, const command_context& context, bool is_flag) {
  if (options.config.empty() || is_flag) {
    return context.state_dir();
  }
  auto request = load_request_of_this_process();
  request.files.emplace_back(options.config);
  const auto loaded = load_settings(request);
  if (!loaded) {
    return give_up(exit_usage, loaded.error().text);
  }
  return loaded->state_dir;
}

} // namespace

attempt<int> execute(const up_options& options, command_context& context) {
  const auto state_dir = state_dir_of(options, context, context.has_state_dir_flag());
  if (!state_dir) {
    return std::unexpected(state_dir.error());
  }
  if (auto ready = read_ready_file(*state_dir); ready && open_daemon(ready->pid)) {
    const auto system = connect_to(*ready, *state_dir);
    const auto login = system ? system->new_login() : std::unexpected(system.error());
    ready->login = login.value_or(""); // the one in the file works only once, and may have been used
    report(context, *ready, *state_dir, true);
    return exit_ok;
  }
  std::vector<std::string> arguments{"--state-dir", state_dir->string()};
  if (!options.config.empty()) {
    std::error_code failed;
    arguments.insert(arguments.begin(), {"--config", fs::absolute(options.config, failed).string()});
  }
  const auto daemon = start_daemon(program_dir() / "trouped", arguments, *state_dir);
  if (!daemon) {
    return std::unexpected(daemon.error());
  }
  const auto limit = std::chrono::milliseconds{static_cast<std::int64_t>(options.timeout_s * 1000)};
  const auto ready = wait_ready(*daemon, *state_dir, limit);
  if (!ready) {
    return std::unexpected(ready.error());
  }
  report(context, *ready, *state_dir, false);
  return exit_ok;
}

} // namespace troupe::cli
