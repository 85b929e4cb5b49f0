#pragma once

#include "web/server/http_port.hpp"

#include <memory>

namespace troupe {

/// Serves HTTP on a fresh connection until it ends or becomes a websocket.
void start_http_session(http_port::tcp::socket socket, std::shared_ptr<http_port> owner, session_slot slot);

} // namespace troupe
