#pragma once

#include <string>

namespace troupe {

/// Whether `text` can be the identity of a task: 1 to 64 letters, digits, `-`, `_`.
bool is_task_id(const std::string& text) noexcept;

/// A random UUID (version 4).
std::string new_task_id();

/// The name of the actor that owns the task.
inline std::string task_name(const std::string& id) { return "task_" + id; }

} // namespace troupe
