#include "nodes/troupe/syntax.hpp"

#include "nodes/troupe/exit_code.hpp"

#include <algorithm>
#include <sstream>

namespace troupe::cli {

namespace {

constexpr auto top_footer = R"(Examples:
  troupe up                                     start the system, print the console's address
  troupe ask first.main.admin create_process    ask somebody and print the answer
  troupe run hello.py -- one two                run a script in the system
  troupe down                                   end the system
Each command has a help of its own: troupe run --help

Exit codes: 0 done; 1 the answer is a failure; 2 wrong arguments or config; 3 no system is running;
4 the connection was lost in the middle. `troupe run` ends with the script's code.)";

void build(syntax& grammar) {
  grammar.app.set_version_flag("--version", std::string{"troupe "} + TROUPE_VERSION);
  grammar.app.footer(top_footer);
  grammar.app.require_subcommand(1);
  grammar.add_common(grammar.app);
  add_system_commands(grammar);
  add_message_commands(grammar);
  add_task_commands(grammar);
  add_venv_commands(grammar);
  add_app_commands(grammar);
  add_script_commands(grammar);
}

/// `help run` is `run --help`.
std::vector<std::string> with_help_word(std::vector<std::string> arguments) {
  if (!arguments.empty() && arguments.front() == "help") {
    arguments.erase(arguments.begin());
    arguments.emplace_back("--help");
  }
  return arguments;
}

using word_position = std::vector<std::string>::const_iterator;

/// The next word that is no option.
word_position skip_options(word_position word, word_position end) {
  while (word != end && word->starts_with('-')) {
    word += *word == "--state-dir" && word + 1 != end ? 2 : 1;
  }
  return word;
}

/// Whether the first words that are no options are `run` or `app run`.
bool is_run(word_position word, word_position end) {
  word = skip_options(word, end);
  if (word != end && *word == "app") {
    word = skip_options(word + 1, end);
  }
  return word != end && *word == "run";
}

/// Takes what follows `--` on the line of `run` away: CLI11 would split an argument like `[1,2]`.
std::vector<std::string> take_script_arguments(std::vector<std::string>& arguments) {
  const auto mark = std::find(arguments.begin(), arguments.end(), "--");
  if (mark == arguments.end() || !is_run(arguments.begin(), mark)) {
    return {};
  }
  std::vector<std::string> taken(mark + 1, arguments.end());
  arguments.erase(mark, arguments.end());
  return taken;
}

command_node describe(const CLI::App& app) {
  command_node node{app.get_name(), app.get_description(), {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) {
      node.options.push_back("--" + name);
    }
  }
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
    node.children.push_back(describe(*child));
  }
  return node;
}

} // namespace

parsed_arguments parse_arguments(const std::vector<std::string>& arguments) {
  syntax grammar;
  build(grammar);
  auto words = with_help_word(arguments);
  auto script_arguments = take_script_arguments(words);
  parsed_arguments result;
  if (words.empty()) {
    result.exit_code = exit_usage;
    result.err = grammar.app.help();
    return result;
  }
  std::reverse(words.begin(), words.end()); // what CLI11 expects of a vector
  try {
    grammar.app.parse(std::move(words));
  } catch (const CLI::ParseError& problem) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = grammar.app.exit(problem, out, err);
    result.exit_code = code == 0 ? exit_ok : exit_usage;
    result.out = out.str();
    result.err = err.str();
    return result;
  }
  if (auto* run = std::get_if<run_options>(&grammar.chosen.command)) {
    run->args = std::move(script_arguments);
  }
  result.todo = std::move(grammar.chosen);
  return result;
}

command_node describe_commands() {
  syntax grammar;
  build(grammar);
  return describe(grammar.app);
}

} // namespace troupe::cli
