#pragma once

#include "web/server/gateway.hpp"

#include <memory>

namespace troupe {

/// Takes a connection over whose request `opening` was admitted as a websocket.
void start_websocket_session(gateway::tcp::socket socket, const http_request& opening, std::shared_ptr<gateway> owner,
                             session_slot slot);

} // namespace troupe
