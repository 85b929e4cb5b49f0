#pragma once

#include "nodes/troupe/command_context.hpp"

namespace troupe::cli {

/// One function per command; each returns what the program ends with. They write to the context's sink only.
attempt<int> execute(const up_options& options, command_context& context);
attempt<int> execute(const down_options& options, command_context& context);
attempt<int> execute(const status_options& options, command_context& context);
attempt<int> execute(const login_options& options, command_context& context);
attempt<int> execute(const message_options& options, command_context& context);
attempt<int> execute(const list_actors_options& options, command_context& context);
attempt<int> execute(const list_processes_options& options, command_context& context);
attempt<int> execute(const create_process_options& options, command_context& context);
attempt<int> execute(const remove_process_options& options, command_context& context);
attempt<int> execute(const drain_process_options& options, command_context& context);
attempt<int> execute(const move_options& options, command_context& context);
attempt<int> execute(const run_options& options, command_context& context);
attempt<int> execute(const task_options& options, command_context& context);
attempt<int> execute(const venv_options& options, command_context& context);
attempt<int> execute(const app_options& options, command_context& context);
attempt<int> execute(const stored_script_options& options, command_context& context);
attempt<int> execute(const logs_options& options, command_context& context);
attempt<int> execute(const config_options& options, command_context& context);
attempt<int> execute(const package_options& options, command_context& context);
attempt<int> execute(const doctor_options& options, command_context& context);
attempt<int> execute(const completion_options& options, command_context& context);

/// Understands the arguments (without the program's name), does what they say and reports what went wrong.
int run_program(const std::vector<std::string>& arguments, text_sink& sink, bool colour);

} // namespace troupe::cli
