#pragma once

#include "runtime/bridge/task_socket.hpp"
#include "web/bridge/bridge_door.hpp"
#include "web/routes/http_types.hpp"

#include <string>

namespace troupe {

/// One bridge from its upgrade on: `opening` was admitted for the task `pid`, whose socket is `task`, or is awaited
/// (then room for waiting was taken).
void start_bridge_session(bridge_door::tcp::socket socket, const http_request& opening, std::string pid,
                          task_socket task, bridge_slot slot);

} // namespace troupe
