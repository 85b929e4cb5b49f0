#pragma once

#include <functional>
#include <string>

namespace troupe {

struct http_request;

/// Takes the connection `socket` over, whose request `opening` was checked: it becomes a websocket of a task.
using task_joiner = std::function<void(int socket, const http_request& opening, const std::string& task)>;

} // namespace troupe
