// The host daemon.
#include "nodes/trouped/daemon.hpp"
#include "nodes/trouped/signal_wait.hpp"

#include <CLI/CLI.hpp>

#include <csignal>

#include <fmt/format.h>

int main(int argc, char** argv) {
  CLI::App app{"The host daemon of a Troupe system. It runs in the foreground until `troupe down`, `quit` or a signal.\n"
               "Once the system is up, STATE/ready.json tells where it can be reached."};
  std::vector<std::string> files;
  std::string state_dir;
  std::vector<std::string> sets;
  app.add_option("--config", files, "Config file; may be given more than once, later ones win");
  app.add_option("--state-dir", state_dir, "Folder for everything the system writes");
  app.add_option("--set", sets, "One setting as key=value, for example gateway.port=0");
  app.set_version_flag("--version", std::string{"trouped 0.1.0"});
  app.footer("Example: trouped --config config/default.json --state-dir ./state");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    const int code = app.exit(problem);
    return code == 0 ? 0 : 2;
  }
  troupe::signal_wait::block_signals();
  std::signal(SIGPIPE, SIG_IGN);
  auto request = troupe::load_request_of_this_process();
  request.files.assign(files.begin(), files.end());
  request.flags = sets;
  if (!state_dir.empty()) {
    request.flags.push_back("state_dir=" + state_dir);
  }
  auto complain = [](const troupe::error& why) {
    fmt::print(stderr, "trouped: {}\n", why.text);
    return 2;
  };
  auto config = troupe::load_settings(request);
  if (!config) {
    return complain(config.error());
  }
  auto folder = troupe::state_folder::open(*config);
  if (!folder) {
    return complain(folder.error());
  }
  troupe::daemon_paths paths{(request.program_dir / "troupe-node").string()};
  troupe::host_daemon daemon{std::move(*config), std::move(*folder), std::move(paths)};
  return daemon.run();
}
