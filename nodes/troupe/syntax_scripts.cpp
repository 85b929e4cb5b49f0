#include "nodes/troupe/syntax.hpp"

namespace troupe::cli {

namespace {

using options_ptr = std::shared_ptr<stored_script_options>;

void add_put(CLI::App& command, stored_script_options& options) {
  command.add_option("file", options.file, "file to read; `-`: standard input")->required();
  command.add_option("name", options.name, "name of the script (else the file's own)");
  command.add_option("--venv", options.venv, "environment it always runs in");
  command.add_option("--timeout", options.timeout_s, "seconds it may run");
  command.add_option("--memory", options.memory_mb, "memory it may use, in MB");
  command.add_option("--env", options.env, "variable it always gets, NAME=value; may be repeated")->allow_extra_args(false);
}

void add_run(CLI::App& command, stored_script_options& options) {
  command.add_option("name", options.name, "name of the script; what stands behind `--` are its arguments")->required();
  command.add_option("args", options.args, "arguments of the script");
  command.add_option("--data", options.data, "JSON that the script reads from its standard input; `-`: read it from ours");
  command.add_flag("--no-cache", options.fresh, "run it even if there is a result for the same request");
}

} // namespace

void add_script_commands(syntax& to) {
  auto* group = to.command(to.app, "script", "keep Python scripts in the script server, and run them",
                           "  troupe script put hello.py\n"
                           "  troupe script run hello.py --data '{\"name\": \"Alice\"}'\n"
                           "  troupe script ls");
  group->require_subcommand(0, 1);
  to.choose(group, std::make_shared<stored_script_options>());
  const auto add = [&](script_action action, const std::string& name, const std::string& description,
                       const std::string& example) {
    auto options = std::make_shared<stored_script_options>();
    options->action = action;
    auto* command = to.command(*group, name, description, "  troupe script " + name + example);
    to.choose(command, options);
    return std::pair{command, options};
  };
  add(script_action::list, "ls", "list the scripts", "");
  const auto [get, reading] = add(script_action::get, "get", "print the code of a script", " hello.py");
  get->add_option("name", reading->name, "name of the script")->required();
  const auto [put, writing] = add(script_action::put, "put", "store a script, in place of an older one of its name",
                                  " hello.py\n  troupe script put - made.py --timeout 5 < code");
  add_put(*put, *writing);
  const auto [remove, removal] = add(script_action::remove, "rm", "remove a script", " hello.py");
  remove->add_option("name", removal->name, "name of the script")->required();
  const auto [run, running] =
    add(script_action::run, "run", "run a script and print what it prints",
        " hello.py --data '{\"name\": \"Alice\"}' -- --verbose\n"
        "Ends with the script's exit code, 124 for the time limit, 128+n for signal n.");
  add_run(*run, *running);
}

} // namespace troupe::cli
