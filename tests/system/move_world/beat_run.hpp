#pragma once

#include "tests/system/move_world/move_world.hpp"

#include <cstdint>
#include <string>

namespace system_test {

struct beat_options {
  std::string name; ///< put before the names of the actors: several runs on one system
  int generators = 10; ///< of each consumer; there is one consumer for each node
  int limit = 50;
  double period_s = 0.01;
  bool asks = true;
  double move_period_s = 0.02; ///< of each node's mover
  unsigned seed = 1;
  milliseconds patience{30'000};
};

/// How the moves of one run ended.
struct move_counts {
  std::int64_t asked = 0;
  std::int64_t recreated = 0;
  std::int64_t refused = 0; ///< `actor_is_not_recreated`
  json others = json::object(); ///< answers of any other kind
  json reasons = json::object();
  double slowest_s = 0;
};

/// AT-3, PEACEPIE 12.5: for each node a consumer, its generators and a mover that moves all of them about, locally and
/// to the other nodes, with the class of one package or the other. Ends when all beats have been counted; checks the
/// counts, the state and the answers, and removes the actors. The histories are for the caller to judge.
move_counts run_beats(const move_world& world, const beat_options& how);

/// Adds what a mover has counted.
void add_counts(move_counts& to, const json& counted);

} // namespace system_test
