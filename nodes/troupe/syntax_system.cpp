#include "nodes/troupe/syntax.hpp"

#include <CLI/Validators.hpp>

namespace troupe::cli {

namespace {

void add_up(syntax& to) {
  auto options = std::make_shared<up_options>();
  auto* command = to.command(to.app, "up", "start the system in the background and wait until it is ready",
                             "  troupe up\n"
                             "  troupe up --config my.json --state-dir ./state");
  command->add_option("--config", options->config, "config file of the system");
  command->add_option("--timeout", options->timeout_s, "seconds to wait until it is ready")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  to.choose(command, options);
}

void add_down(syntax& to) {
  auto options = std::make_shared<down_options>();
  auto* command = to.command(to.app, "down", "end the system in order; what does not end is ended by force, and named",
                             "  troupe down\n"
                             "  troupe down --timeout 60     give the actors' exit hooks more time");
  command->add_option("--timeout", options->timeout_s, "seconds until the daemon gets SIGTERM (SIGKILL 10 s later)")
    ->check(CLI::NonNegativeNumber)
    ->capture_default_str();
  to.choose(command, options);
}

void add_logs(syntax& to) {
  auto options = std::make_shared<logs_options>();
  auto* command = to.command(to.app, "logs", "show the log of the system, or the output of a task",
                             "  troupe logs -n 50             the last 50 lines of the system's log\n"
                             "  troupe logs -f                and go on as it grows\n"
                             "  troupe logs TASK -f           the output of a task, from its first byte\n"
                             "  troupe logs TASK --from 120   from record 120 on");
  command->add_option("task", options->task, "id of a task, or the name of its actor");
  command->add_flag("-f,--follow", options->follow, "go on as it grows; a task's output until the task has ended");
  command->add_option("-n,--lines", options->lines, "lines of the system's log to begin with")->capture_default_str();
  command->add_option("--from", options->from, "first record of the task's output")->capture_default_str();
  to.choose(command, options);
}

void add_config(syntax& to) {
  auto* group = to.command(to.app, "config", "check and show the config",
                           "  troupe config check my.json\n"
                           "  troupe config show --origin");
  group->require_subcommand(1);
  auto check = std::make_shared<config_options>();
  check->check = true;
  auto* checking = to.command(*group, "check", "say whether a config file is right, and where it is not",
                              "  troupe config check my.json");
  checking->add_option("file", check->file, "config file (else the defaults and the environment)");
  to.choose(checking, check);
  auto show = std::make_shared<config_options>();
  auto* showing = to.command(*group, "show", "show the settings that are in force",
                             "  troupe config show\n"
                             "  troupe config show my.json --origin   where each setting comes from");
  showing->add_option("file", show->file, "config file (else the defaults and the environment)");
  showing->add_flag("--origin", show->origin, "say where each setting comes from");
  to.choose(showing, show);
}

void add_doctor(syntax& to) {
  auto options = std::make_shared<doctor_options>();
  auto* command = to.command(to.app, "doctor", "look for what keeps the system from working, and say what to do",
                             "  troupe doctor\n"
                             "  troupe doctor --json");
  command->add_option("--config", options->config, "config file whose ports are looked at");
  to.choose(command, options);
}

void add_completion(syntax& to) {
  auto options = std::make_shared<completion_options>();
  auto* command = to.command(to.app, "completion", "print a script that completes commands in your shell",
                             "  source <(troupe completion bash)\n"
                             "  troupe completion zsh > \"${fpath[1]}/_troupe\"\n"
                             "  troupe completion fish > ~/.config/fish/completions/troupe.fish");
  command->add_option("shell", options->shell, "bash, zsh or fish")
    ->required()
    ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  to.choose(command, options);
}

} // namespace

void add_system_commands(syntax& to) {
  add_up(to);
  add_down(to);
  auto* status = to.command(to.app, "status", "show the system: version, head, nodes, services",
                            "  troupe status\n"
                            "  troupe status --json");
  to.choose(status, std::make_shared<status_options>());
  auto* login = to.command(to.app, "login", "print a new one-time address that logs a browser in",
                           "  troupe login\n"
                           "  xdg-open \"$(troupe login)\"");
  to.choose(login, std::make_shared<login_options>());
  add_logs(to);
  add_config(to);
  add_doctor(to);
  add_completion(to);
}

} // namespace troupe::cli
