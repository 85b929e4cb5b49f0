#include "nodes/troupe/commands.hpp"
#include "nodes/troupe/completion_script.hpp"

namespace troupe::cli {

attempt<int> execute(const completion_options& options, command_context& context) {
  const auto script = completion_script(options.shell, describe_commands());
  if (context.is_json()) {
    context.print_json(json{{"shell", options.shell}, {"script", script}});
  } else {
    context.print(script);
  }
  return exit_ok;
}

} // namespace troupe::cli
