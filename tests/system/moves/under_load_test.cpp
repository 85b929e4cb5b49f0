// AT-3: consumers and generators that are moved again and again while they work.
#include "tests/system/move_world/beat_run.hpp"

#include <gtest/gtest.h>

#include <iostream>

namespace {

using namespace system_test;

void run_many(int runs, bool asks) {
  move_world world({.processes = 3});
  std::int64_t moved = 0;
  for (int run = 0; run < runs && !testing::Test::HasFailure(); ++run) {
    beat_options how;
    how.name = "r" + std::to_string(run) + "_";
    how.asks = asks;
    how.seed = static_cast<unsigned>(run + 1);
    const auto counts = run_beats(world, how);
    moved += counts.recreated;
    EXPECT_GT(counts.recreated, 20) << "run " << run << " moved too little to prove anything; " << counts.reasons;
    EXPECT_GT(counts.recreated, counts.refused) << counts.reasons;
    EXPECT_LT(counts.slowest_s, 10) << "a move takes its time";
  }
  const auto found = world.judge();
  EXPECT_TRUE(found.good()) << found;
  EXPECT_EQ(found.sent, static_cast<std::uint64_t>(runs) * 40 * 50);
  EXPECT_GE(found.copies, static_cast<std::uint64_t>(moved)) << "each move made a copy";
  std::cout << runs << " runs, " << moved << " moves; " << found << "\n";
}

TEST(AT3MoveUnderLoad, BeatsThatAreAskedComeOnceAndInOrderInTenRuns) {
  run_many(10, true);
}

TEST(AT3MoveUnderLoad, BeatsThatAreSentComeOnceAndInOrderInTenRuns) {
  run_many(10, false);
}

} // namespace
