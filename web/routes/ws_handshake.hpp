#pragma once

#include "web/routes/http_types.hpp"
#include "web/routes/raw_head.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// A program that cannot set fields (a browser's script) may put the token behind this, as a subprotocol.
constexpr std::string_view ws_token_prefix = "troupe-token.";

/// The subprotocols that a client offers, in its order.
std::vector<std::string> ws_protocols(const http_request& request);

/// The subprotocol to answer with; empty: none was offered. `troupe` is preferred, so that a token is not repeated.
std::string choose_ws_protocol(const http_request& request);

/// Whether the request opens a websocket (RFC 6455 section 4.2.1).
std::optional<head_refusal> check_ws_handshake(const http_request& request, bool version_11);

} // namespace troupe
