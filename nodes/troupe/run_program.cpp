#include "nodes/troupe/commands.hpp"

#include <exception>

namespace troupe::cli {

namespace {

attempt<int> execute_any(const invocation& what, text_sink& sink, bool colour) {
  command_context context(what.common, find_state_dir(what.common.state_dir, environment_value), sink, colour);
  return std::visit(
    [&]<class Options>(const Options& options) -> attempt<int> {
      if constexpr (std::is_same_v<Options, std::monostate>) {
        return give_up(exit_usage, "no command given; see: troupe --help");
      } else {
        return execute(options, context);
      }
    },
    what.command);
}

int report(const cli_error& problem, const common_options& common, text_sink& sink) {
  command_context context(common, {}, sink, false);
  if (common.json) {
    context.print_json(json{{"error", problem.text}, {"exit_code", problem.code}});
  }
  context.complain(problem.text);
  return problem.code;
}

} // namespace

int run_program(const std::vector<std::string>& arguments, text_sink& sink, bool colour) {
  const auto parsed = parse_arguments(arguments);
  if (!parsed.out.empty()) {
    sink.out(parsed.out);
  }
  if (!parsed.err.empty()) {
    sink.err(parsed.err);
  }
  if (!parsed.todo) {
    return parsed.exit_code;
  }
  try {
    const auto code = execute_any(*parsed.todo, sink, colour);
    return code ? *code : report(code.error(), parsed.todo->common, sink);
  } catch (const std::exception& problem) {
    return report({exit_failure, std::string{"a defect of this program: "} + problem.what()}, parsed.todo->common,
                  sink);
  }
}

} // namespace troupe::cli
