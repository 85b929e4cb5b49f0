#pragma once

#include "runtime/access/access_keeper.hpp"
#include "web/routes/http_types.hpp"

#include <string>
#include <variant>

namespace troupe {

/// Decides on the opening of a bridge, by its head alone: the task's pid from the path, or the refusal. From this
/// machine the pid is the key; from elsewhere the token is wanted too (`Authorization: Bearer`, or the subprotocol that
/// the gateway takes). Pages of other sites are refused: they could not know a pid, but could try.
std::variant<std::string, http_response> read_bridge_request(const http_request& request, bool version_11,
                                                             bool from_loopback, const access_keeper& access);

} // namespace troupe
