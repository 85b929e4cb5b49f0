#pragma once

#include "web/bridge/bridge_door.hpp"

namespace troupe {

/// Reads the opening of a new client, and refuses it or joins it to its task.
void start_bridge_opening(bridge_door::tcp::socket socket, bridge_slot slot);

/// The same with a client whose opening was read and admitted elsewhere, for the task `pid`.
void go_on_with_opening(bridge_door::tcp::socket socket, bridge_slot slot, const http_request& opening, std::string pid);

} // namespace troupe
