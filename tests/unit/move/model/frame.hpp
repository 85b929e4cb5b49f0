#pragma once

#include "runtime/node/route_table.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::move_model {

/// Nodes and actors of the model by number. Actor 0 is the one that everybody sends to.
using id = std::uint8_t;
inline constexpr id nobody = 0xff;
inline constexpr id a = 0, b = 1, c = 2; ///< nodes, as the scenarios name them
inline constexpr id most_nodes = 4;
inline constexpr id head = most_nodes; ///< the node of the directory
inline constexpr id places = most_nodes + 1;
inline constexpr id target_actor = 0;
inline constexpr std::size_t most_actors = 5;
inline constexpr unsigned most_ticks = 15; ///< of one sender

const std::string& node_name(id node);
const std::string& actor_name(id actor);
id node_of(const std::string& name);

/// What an actor takes along when it moves.
struct actor_state {
  std::array<std::uint16_t, most_actors> got{}; ///< of each sender: bit n says that its message n was taken
  std::uint8_t sent = 0;                        ///< its own messages so far
  bool operator==(const actor_state&) const = default;
};

enum class kind : std::uint8_t {
  tick,     ///< a message of one actor to another
  marker,   ///< a flush marker on its way
  flushed,  ///< its answer
  route,    ///< "the name lives there"; `node` nobody: nowhere
  waits_at, ///< "your question waits there now"
  prepare,
  prepared,
  make_replica,
  ready,
  enliven,
  resumed,
  drop,
  note, ///< to the head from here
  commit,
  find,
  drop_note,
  noted, ///< the head's answers and words from here
  verdict,
  found,
  down,
};

/// One frame of a link between two nodes.
struct frame {
  kind what = kind::tick;
  id name = target_actor; ///< the actor it is about
  id from = nobody;       ///< tick: the sending actor; marker, flushed, waits_at: the node that asks
  id node = nobody;       ///< a place
  std::uint8_t since = 0; ///< the counter of an epoch
  std::uint8_t ok = 1;
  std::uint8_t count = 0;
  bool copy = false;        ///< tick: the source still has it
  std::uint16_t number = 0; ///< tick: its number; marker…: of the ask; else of the move
  actor_state state;
};

/// The messages that the route tables hold and pass on; equal ones are shared.
message_ptr message_of(const frame& what);
frame frame_of(const message& what);

inline epoch epoch_of(std::uint8_t since) { return since == 0 ? epoch{} : epoch{1, since}; }
inline std::uint8_t counter_of(epoch since) { return static_cast<std::uint8_t>(since.counter); }

std::string to_text(const frame& what);

} // namespace troupe::move_model
