#include "tests/system/move_world/beat_run.hpp"
#include "tests/system/move_world/fault_case.hpp"
#include "tests/system/move_world/memory_cycles.hpp"
#include "tests/system/move_world/soak_run.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <sstream>

namespace {

using namespace system_test;

/// 100 systems with 10 runs each, half of them with asks: as many fresh starts as runs on a system that has aged.
TEST(SoakAT3MoveUnderLoad, EveryBeatComesOnceAndInOrderInAThousandRuns) {
  std::int64_t moved = 0;
  for (int system = 0; system < 100 && !testing::Test::HasFailure(); ++system) {
    move_world world({.processes = 3});
    for (int run = 0; run < 10 && !testing::Test::HasFailure(); ++run) {
      beat_options how;
      how.name = "r" + std::to_string(run) + "_";
      how.asks = run % 2 == 0;
      how.seed = static_cast<unsigned>(system * 10 + run + 1);
      moved += run_beats(world, how).recreated;
    }
    const auto found = world.judge();
    EXPECT_TRUE(found.good()) << "system " << system << ": " << found;
    std::cout << "system " << system << ": " << moved << " moves so far; sent " << found.sent << std::endl;
  }
}

TEST(SoakAT21Memory, IsFlatOverAHundredThousandCreationsAndRemovals) {
  create_and_remove(100'000);
}

TEST(SoakAT21Memory, IsFlatOverAHundredThousandMoves) {
  move_about(100'000);
}

/// Two faults in one move, all pairs of different parties; SOAK_FAULTS names one as it is printed, to run that again.
TEST(SoakAT12Fault, PairsOfFaultsLeaveTheActorAtMostOnce) {
  const auto all = all_faults();
  const char* only = std::getenv("SOAK_FAULTS");
  for (const auto& first : all) {
    for (const auto& second : all) {
      if (first.party != "source" || second.party != "target") {
        continue;
      }
      std::ostringstream pair;
      pair << first << " and " << second;
      if (only != nullptr && pair.str() != only) {
        continue;
      }
      std::cout << pair.str() << std::endl;
      run_faults({first, second});
      if (testing::Test::HasFailure()) {
        FAIL() << pair.str();
      }
    }
  }
}

/// SOAK_SECONDS and SOAK_SEED change how long, and which.
chat_options thousand_actors() {
  std::random_device any;
  const char* seed = std::getenv("SOAK_SEED");
  return {.actors = 1000,
          .messages_per_s = 50'000,
          .burst = 20,
          .seed = seed != nullptr ? static_cast<unsigned>(std::atoi(seed)) : any()};
}

milliseconds length() {
  const char* given = std::getenv("SOAK_SECONDS");
  return milliseconds(1000 * (given != nullptr ? std::atoi(given) : 600));
}

TEST(Soak, AThousandActorsTalkWhileTwentyMoveEachSecond) {
  run_soak(thousand_actors(), length(), 0ms);
}

TEST(Soak, AThousandActorsTalkAndMoveWhileProcessesAreKilledAndStopped) {
  run_soak(thousand_actors(), length(), 2s);
}

TEST(Soak, EveryQuestionThatIsLostWithAProcessIsReportedToItsAsker) {
  auto how = thousand_actors();
  how.messages_per_s = 5'000;
  how.burst = 1;
  how.ask_every = 1;
  run_soak(how, length(), 2s);
}

} // namespace
