#include "nodes/troupe/syntax.hpp"

#include <CLI/Validators.hpp>

namespace troupe::cli {

namespace {

void add_run(syntax& to) {
  auto options = std::make_shared<run_options>();
  auto* command = to.command(
    to.app, "run", "run a script in the system, joined to this terminal's input and output",
    "  troupe run hello.py\n"
    "  troupe run hello.py --node first.process_0.admin --timeout 60 -- first second\n"
    "  troupe run count.sh --params '{\"rows\": 10}' < input.csv > output.csv\n"
    "Ends with the script's code, 124 for the time limit, 137 for the memory limit, 128+n for signal n, 4 when the\n"
    "connection was lost. Ctrl-C stops the script, a second one kills it, a third one leaves it alone.");
  command->add_option("script", options->script, "a .py, .py3 or .sh file; what stands behind `--` are its arguments")
    ->required();
  add_run_settings(*command, *options);
  to.choose(command, options);
}

void add_list_options(syntax& to, CLI::App* command) {
  auto options = std::make_shared<task_options>();
  command->add_option("--state", options->state, "only those in this state; `active`: not over, `ended`: over");
  command->add_option("--script", options->script, "only those of this script: its path, or what that ends with");
  command->add_option("--since", options->since, "only those accepted since: a time in UTC, or 90s, 15m, 2h, 7d ago");
  command->add_option("--limit", options->limit, "so many at most (100)")->check(CLI::Range(1, 1000));
  command->add_option("--after", options->after, "go on behind an earlier page, which told this number");
  to.choose(command, options);
}

void add_tasks(syntax& to) {
  auto* group = to.command(to.app, "tasks", "list, show, stop, repeat and remove tasks",
                           "  troupe tasks\n"
                           "  troupe tasks --state failed --since 2h\n"
                           "  troupe tasks show ID\n"
                           "  troupe tasks rerun ID\n"
                           "  troupe tasks cancel ID");
  group->require_subcommand(0, 1);
  add_list_options(to, group);
  add_list_options(to, to.command(*group, "list", "list the tasks that run and those that ended, the newest first",
                                  "  troupe tasks list --state active\n"
                                  "  troupe tasks list --script report.py --since 7d --limit 20"));
  const auto add = [&](task_action action, const std::string& name, const std::string& description) {
    auto options = std::make_shared<task_options>();
    options->action = action;
    auto* command = to.command(*group, name, description,
                               "  troupe tasks " + name + " ID" + (action == task_action::signal ? " SIGUSR1"
                                                                       : action == task_action::send ? R"( '{"rows": 10}')"
                                                                                                     : ""));
    command->add_option("id", options->id, "id of the task, or the name of its actor")->required();
    if (action == task_action::signal) {
      command->add_option("signal", options->signal, "name or number of the signal")->required();
    }
    if (action == task_action::send) {
      command->add_option("data", options->data, "the value as JSON; - reads it from standard input")->required();
    }
    to.choose(command, options);
  };
  add(task_action::show, "show", "show the state of a task");
  add(task_action::tree, "tree", "show a task with all that it started");
  add(task_action::rerun, "rerun", "start what a task was started with once more, as a new task; prints its id");
  add(task_action::cancel, "cancel", "stop a task: SIGTERM, and SIGKILL of all it started when the grace is over");
  add(task_action::send, "send-json", "send a value to a script, for its next read_json_from_observer");
  add(task_action::signal, "signal", "send a signal to the script of a task");
  add(task_action::remove, "rm", "remove the actor of a task that has ended");
}

} // namespace

void add_run_settings(CLI::App& command, run_options& options) {
  command.add_option("--node", options.node, "node to run it on (else the main one)");
  command.add_option("--timeout", options.timeout_s, "wall time in seconds (else the config's; negative: no limit)");
  command.add_option("--memory-limit", options.memory_limit_mb,
                      "MB for the script and all it starts (else the config's; negative: no limit)");
  command.add_option("--venv", options.venv, "Python environment to run it in, made if it is not there (else the default one)");
  command.add_flag("--clean-venv", options.clean_venv, "remove that environment after its last user");
  command.add_flag("--warm", options.warm, "a prepared Python interpreter may be used, where there is one");
  command.add_option("--params", options.params, "JSON object, given to the script in TASK_PARAMS");
  command.add_option("--env", options.environment, "variable for the script, NAME=VALUE; may be repeated")
    ->expected(1)
    ->take_all()
    ->allow_extra_args(false);
  command.add_option("--cwd", options.working_dir, "folder to run in (else the run's own output folder)");
}

void add_task_commands(syntax& to) {
  add_run(to);
  add_tasks(to);
}

} // namespace troupe::cli
