#pragma once

#include "web/server/gateway.hpp"

#include <memory>

namespace troupe {

/// Serves HTTP on a fresh connection until it ends or becomes a websocket.
void start_http_session(gateway::tcp::socket socket, std::shared_ptr<gateway> owner, session_slot slot);

} // namespace troupe
