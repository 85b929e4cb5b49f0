#pragma once

#include "web/bridge/bridge_door.hpp"

namespace troupe {

/// Reads the opening of a new client, and refuses it or joins it to its task.
void start_bridge_opening(bridge_door::tcp::socket socket, bridge_slot slot);

} // namespace troupe
