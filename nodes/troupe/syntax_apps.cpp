#include "nodes/troupe/syntax.hpp"

namespace troupe::cli {

namespace {

void add_app_run(syntax& to, CLI::App& group) {
  auto options = std::make_shared<run_options>();
  auto* command = to.command(group, "run", "run a script of an application, joined to this terminal's input and output",
                             "  troupe app run N9IBvh report.py\n"
                             "  troupe app run N9IBvh report.py --params '{\"rows\": 10}' -- first second\n"
                             "  troupe app run N9IBvh x2Bq81Ld\n"
                             "Behaves and ends as `troupe run`; a script that is not marked executable is refused.");
  command->add_option("id", options->application, "id of the application")->required();
  command->add_option("script", options->script, "path or id of the script; what stands behind `--` are its arguments")
    ->required();
  add_run_settings(*command, *options);
  to.choose(command, options);
}

} // namespace

void add_app_commands(syntax& to) {
  auto* group = to.command(to.app, "app", "make and fill applications: folders of scripts that are kept in the system",
                           "  troupe app create Reports\n"
                           "  troupe app put N9IBvh report.py\n"
                           "  troupe app exec N9IBvh report.py\n"
                           "  troupe app run N9IBvh report.py --params '{\"rows\": 10}'");
  group->require_subcommand(0, 1);
  to.choose(group, std::make_shared<app_options>());
  const auto add = [&](app_action action, const std::string& name, const std::string& description,
                       const std::string& example) {
    auto options = std::make_shared<app_options>();
    options->action = action;
    auto* command = to.command(*group, name, description, "  troupe app " + name + example);
    if (action != app_action::list && action != app_action::create) {
      command->add_option("id", options->id, "id of the application")->required();
    }
    to.choose(command, options);
    return std::pair{command, options};
  };
  add(app_action::list, "ls", "list the applications", "");
  const auto [create, creation] = add(app_action::create, "create", "make an application, and print its id", " Reports");
  create->add_option("name", creation->name, "its name")->required();
  add(app_action::show, "show", "show the files of an application and which of them can be run", " N9IBvh");
  const auto [put, writing] =
    add(app_action::put, "put", "write a file into an application, in place of an older one",
        " N9IBvh report.py\n  troupe app put N9IBvh tools.py lib/tools.py\n  date | troupe app put N9IBvh - made.txt");
  put->add_option("file", writing->file, "file to read; `-`: standard input")->required();
  put->add_option("path", writing->path, "path in the application (else the file's own name)");
  const auto [mark, marking] =
    add(app_action::mark, "exec", "mark a script as executable, and print its id, which stays", " N9IBvh report.py");
  mark->add_option("path", marking->path, "path of the script in the application")->required();
  const auto [unmark, unmarking] =
    add(app_action::unmark, "unexec", "remove the mark of a script, and its id", " N9IBvh report.py");
  unmark->add_option("path", unmarking->path, "path of the script in the application")->required();
  add_app_run(to, *group);
}

} // namespace troupe::cli
