#pragma once

#include <troupe/actor.hpp>

namespace bench_actors {

/// Moves one actor from node to node and takes the time of each move, from the ask to its answer.
class move_timer : public troupe::actor {
public:
  static void describe(troupe::class_builder<move_timer>& builder);

private:
  troupe::async<troupe::reply> move_in_turn(const troupe::message& what);
};

} // namespace bench_actors
