#include "nodes/troupe/syntax.hpp"

#include <CLI/Validators.hpp>

namespace troupe::cli {

void add_venv_commands(syntax& to) {
  auto* group = to.command(to.app, "venv", "list, make, fill and remove the Python environments of scripts",
                           "  troupe venv ls\n"
                           "  troupe venv create venv1\n"
                           "  troupe venv install venv1 requests 'websockets<14'\n"
                           "  troupe run script.py --venv venv1");
  group->require_subcommand(0, 1);
  to.choose(group, std::make_shared<venv_options>());
  const auto add = [&](venv_action action, const std::string& name, const std::string& description,
                       const std::string& example) {
    auto options = std::make_shared<venv_options>();
    options->action = action;
    auto* command = to.command(*group, name, description, "  troupe venv " + name + example);
    if (action != venv_action::list) {
      command->add_option("name", options->name, "name of the environment")->required();
    }
    to.choose(command, options);
    return std::pair{command, options};
  };
  const auto with_timeout = [](CLI::App* command, venv_options& options) {
    command->add_option("--timeout", options.timeout_s, "seconds to wait; what has begun goes on")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  };
  add(venv_action::list, "ls", "list the environments", "");
  add(venv_action::show, "show", "show the state of an environment, and how far its builder is", " venv1");
  const auto [create, creation] =
    add(venv_action::create, "create", "make an environment, empty, if it is not there", " venv1");
  create->add_flag("--clean", creation->clean, "make it anew if it is there; refused while a script uses it");
  with_timeout(create, *creation);
  const auto [install, installation] =
    add(venv_action::install, "install", "install packages into an environment, which is made if it is not there",
        " venv1 requests 'websockets<14'");
  install->add_option("packages", installation->packages, "packages, each with a version specifier or without")
    ->required();
  install->add_flag("--latest", installation->latest, "the newest versions, also of what is there already");
  with_timeout(install, *installation);
  const auto [packages, listing] =
    add(venv_action::packages, "list", "list the packages of an environment with their versions", " venv1");
  packages->add_flag("--names", listing->names_only, "only their names");
  add(venv_action::remove, "rm", "remove an environment; refused while a script uses it", " venv1");
}

} // namespace troupe::cli
