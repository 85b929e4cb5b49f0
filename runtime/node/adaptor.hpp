#pragma once

#include <troupe/message.hpp>
#include <troupe/reply.hpp>

#include <optional>

namespace troupe {

class actor_cell;

/// The commands that every actor understands before its own class sees anything (PEACEPIE 3.1 and 3.6): quit, subscribe,
/// unsubscribe, not_log_commands_*, cumulative_commands_*, get_params, set_params, empty. In the cell's turn.
namespace adaptor {

/// The answer, or nothing if the command is the class's own.
std::optional<reply> handle(actor_cell& cell, const message& what);

/// Logs and counts a message that the cell has taken.
void note_received(actor_cell& cell, const message& what);

} // namespace adaptor

} // namespace troupe
