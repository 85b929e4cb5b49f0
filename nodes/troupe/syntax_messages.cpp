#include "nodes/troupe/syntax.hpp"

#include <CLI/Validators.hpp>

namespace troupe::cli {

namespace {

void add_message(syntax& to, bool wants_answer, const std::string& name, const std::string& description,
                 const std::string& examples) {
  auto options = std::make_shared<message_options>();
  options->wants_answer = wants_answer;
  auto* command = to.command(to.app, name, description, examples);
  command
    ->add_option("recipient", options->recipient,
                 "an actor, a node, or an address as JSON; '' is the gateway's own admin")
    ->required();
  command->add_option("command", options->command, "what to do, for example get_params")->required();
  auto* body = command->add_option("body", options->body, "JSON if it parses as JSON, else a text; nothing is null");
  command->add_option("--body-file", options->body_file, "read the body from a file, `-` is standard input")
    ->excludes(body);
  if (wants_answer) {
    command->add_option("--timeout", options->timeout_s, "seconds to wait for the answer")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  }
  to.choose(command, options);
}

void add_actors(syntax& to) {
  auto options = std::make_shared<list_actors_options>();
  auto* command = to.command(to.app, "actors", "list the actors of the system",
                             "  troupe actors\n"
                             "  troupe actors --node first.process_0.admin --json");
  command->add_option("--node", options->node, "only those of this node");
  to.choose(command, options);
}

void add_move(syntax& to) {
  auto options = std::make_shared<move_options>();
  auto* command = to.command(to.app, "move", "move an actor to another process, with its state and its messages",
                             "  troupe move dancer --to first.process_0.admin\n"
                             "  troupe move dancer --to first.main.admin --timeout 5");
  command->add_option("name", options->name, "the actor")->required();
  command->add_option("--to", options->to, "the node to move to")->required();
  command->add_option("--timeout", options->timeout_s, "seconds to wait")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  to.choose(command, options);
}

void add_processes(syntax& to) {
  auto* group = to.command(to.app, "processes",
                           "list the processes (nodes) of the system, make one, empty one, remove one",
                           "  troupe processes\n"
                           "  troupe processes create\n"
                           "  troupe processes create --name worker\n"
                           "  troupe processes drain first.process_0.admin\n"
                           "  troupe processes rm first.process_0.admin");
  group->require_subcommand(0, 1);
  to.choose(group, std::make_shared<list_processes_options>());
  to.choose(to.command(*group, "list", "list the processes", "  troupe processes list"),
            std::make_shared<list_processes_options>());
  auto create = std::make_shared<create_process_options>();
  auto* creating = to.command(*group, "create", "start a new process; prints the name of its node",
                              "  troupe processes create --name worker");
  creating->add_option("--name", create->name, "name of the process (else process_0, process_1, ...)");
  creating->add_option("--timeout", create->timeout_s, "seconds to wait")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  to.choose(creating, create);
  auto remove = std::make_shared<remove_process_options>();
  auto* removing =
    to.command(*group, "rm", "end a process and its actors", "  troupe processes rm first.process_0.admin");
  removing->add_option("node", remove->node, "name of its node")->required();
  removing->add_option("--timeout", remove->timeout_s, "seconds to wait")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  to.choose(removing, remove);
  auto drain = std::make_shared<drain_process_options>();
  auto* draining =
    to.command(*group, "drain", "move the actors of a process to others; prints which stay, and why",
               "  troupe processes drain first.process_0.admin\n"
               "  troupe processes drain first.process_0.admin --to first.process_1.admin first.process_2.admin");
  draining->add_option("node", drain->node, "name of its node")->required();
  draining->add_option("--to", drain->to, "nodes to move to, in turn (else all others of its host)");
  draining->add_option("--timeout", drain->timeout_s, "seconds to wait; it goes on after that")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  to.choose(draining, drain);
}

void add_packages(syntax& to) {
  auto* group =
    to.command(to.app, "pkg", "packages of actor classes: list them, begin one, show where they are looked for",
               "  troupe pkg list\n"
               "  troupe pkg new my_actors\n"
               "  troupe pkg path");
  group->require_subcommand(1);
  auto list = std::make_shared<package_options>();
  auto* listing = to.command(*group, "list", "list the packages that are found, with versions and classes",
                             "  troupe pkg list --json");
  listing->add_option("--config", list->config, "config file that names the package folders");
  to.choose(listing, list);
  auto make = std::make_shared<package_options>();
  make->action = package_action::make;
  auto* making = to.command(*group, "new", "write a project for a package of your own, ready to build",
                            "  troupe pkg new my_actors\n"
                            "  troupe pkg new my_actors ~/src/my_actors");
  making->add_option("name", make->name, "name of the package: letters, digits and _")->required();
  making->add_option("folder", make->folder, "folder to write (else a folder of that name here)");
  to.choose(making, make);
  auto path = std::make_shared<package_options>();
  path->action = package_action::path;
  auto* showing = to.command(*group, "path", "print the folders that packages are looked for in", "  troupe pkg path");
  showing->add_option("--config", path->config, "config file that names the package folders");
  to.choose(showing, path);
}

} // namespace

void add_message_commands(syntax& to) {
  add_message(
    to, true, "ask", "send a message and print the answer",
    "  troupe ask first.main.admin create_process\n"
    "  troupe ask hello tick\n"
    "  troupe ask dancer set_params '{\"params\": [{\"name\": \"period\", \"value\": 2}]}' --timeout 5\n"
    "  troupe ask '{\"node\": \"first.process_0.admin\", \"entity\": null}' get_members '{\"page_size\": 50}'\n"
    "A body that begins with a dash goes behind `--`: troupe ask counter add -- -5");
  add_message(to, false, "send", "send a message without waiting for an answer",
              "  troupe send hello tick\n"
              "  troupe send logger write --body-file - < notes.txt");
  add_actors(to);
  add_move(to);
  add_processes(to);
  add_packages(to);
}

} // namespace troupe::cli
