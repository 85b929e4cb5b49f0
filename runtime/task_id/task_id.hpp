#pragma once

#include <string>
#include <string_view>

namespace troupe {

/// Whether `text` can be the identity of a task: 1 to 64 letters, digits, `-`, `_`.
bool is_task_id(const std::string& text) noexcept;

/// A random UUID (version 4).
std::string new_task_id();

/// The keeper of the history of runs, in the daemon.
inline constexpr std::string_view runs_entity = "troupe.runs";

/// The name of the actor that owns the task.
inline std::string task_name(const std::string& id) { return "task_" + id; }

} // namespace troupe
