#pragma once

#include <actors/task/start_request.hpp>
#include <actors/task/task_ports.hpp>

#include <runtime/observer/run_plan.hpp>

#include <string>

namespace troupe {

/// The folder of the run `id`.
inline std::string folder_of_run(const task_ports& ports, const std::string& id) {
  return ports.runs_folder + "/" + id;
}

/// The folder of the application that `script` (a full path) belongs to; empty for a command.
std::string application_of(const start_request& wish, const std::string& script);

/// What the observer has to run for a request: interpreter, environment, folders, limits. Looks at no file. The error
/// is the reason of a rejection.
result<run_plan> make_script_plan(const start_request& wish, const task_ports& ports, const std::string& id);

} // namespace troupe
