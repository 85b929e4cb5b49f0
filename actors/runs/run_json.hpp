#pragma once

#include <actors/task/start_request.hpp>

#include <runtime/store/run_row.hpp>

#include <troupe/json.hpp>

#include <chrono>
#include <cstdint>

namespace troupe {

/// The body of `note_run`: the state of a task and what its task adds.
checked<run_row> run_row_from_json(const json& body, const std::string& runs_folder);

/// A run as `get_run` and `list_runs` show it: a `task_state` with what the history adds.
json run_to_json(const run_row& row, std::chrono::system_clock::time_point now);

/// The body of `list_runs`: `state`, `script`, `since`, `limit`, `after`.
checked<run_query> run_query_from_json(const json& body);

/// Rows with parents before their children, as a tree under the first one.
json run_tree(const std::vector<run_row>& rows, std::chrono::system_clock::time_point now);

} // namespace troupe
