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

/// Pages and web handlers.
template <class Add>
void add_app_web(const Add& add) {
  const auto [set, setting] = add(app_action::set, "set", "change what is said about an application",
                                  " N9IBvh --static pages --params '{\"rows\": 10}'\n"
                                  "  troupe app set N9IBvh --handlers '{\"hello\": {\"script\": \"hello.py\"}}'");
  set->add_option("--static", setting->static_folder, "folder of its pages; `/`: the application itself; empty: none");
  auto* open = set->add_flag_callback("--public", [setting = setting] { setting->is_public = true; },
                                      "its pages and handlers need no login");
  set->add_flag_callback("--private", [setting = setting] { setting->is_public = false; }, "they need one")->excludes(open);
  set->add_option("--params", setting->params, "general parameters, a JSON object, beneath those of each run");
  set->add_option("--handlers", setting->handlers, "all web handlers, a JSON object: name to {script, mode, timeout_s, params}");
  add(app_action::handlers, "handlers", "show the web handlers of an application, and what went wrong with them", " N9IBvh");
  const auto [stop, stopping] =
    add(app_action::stop, "stop", "end the run of a web handler; the next request starts a new one", " N9IBvh hello");
  stop->add_option("handler", stopping->handler, "name of the handler")->required();
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
  const auto [get, reading] =
    add(app_action::get, "get", "print a file of an application, or write it into one here", " N9IBvh report.py\n  troupe app get N9IBvh report.py copy.py");
  get->add_option("path", reading->path, "path in the application")->required();
  get->add_option("file", reading->file, "file to write here (else standard output)");
  const auto [move, moving] =
    add(app_action::move, "mv", "move a file or a folder; ids of scripts and handlers follow", " N9IBvh report.py lib/report.py");
  move->add_option("from", moving->path, "its path in the application")->required();
  move->add_option("to", moving->to, "its new path, where nothing is")->required();
  const auto [remove_file, removing] = add(app_action::remove_file, "del", "delete a file or a folder", " N9IBvh report.py\n  troupe app del N9IBvh lib -r");
  remove_file->add_option("path", removing->path, "path in the application")->required();
  remove_file->add_flag("-r,--recursive", removing->recursive, "a folder with what is in it");
  const auto [folder, making] = add(app_action::make_folder, "mkdir", "make a folder", " N9IBvh lib/data");
  folder->add_option("path", making->path, "path in the application")->required();
  const auto [rename, renaming] = add(app_action::rename, "rename", "give an application another name", " N9IBvh 'Monthly reports'");
  rename->add_option("name", renaming->name, "its new name")->required();
  add(app_action::remove, "rm", "remove an application with all its files", " N9IBvh");
  add_app_web(add);
}

} // namespace troupe::cli
