// The soak in short: many actors that talk all the time while they are moved, in this suite for some seconds.
#include "tests/system/move_world/soak_run.hpp"

#include <gtest/gtest.h>

namespace {

using namespace system_test;

TEST(SoakInShort, ManyActorsTalkWhileTwentyMoveEachSecond) {
  run_soak({.actors = 200, .messages_per_s = 10'000, .seed = 1}, 15s, 0ms);
}

TEST(SoakInShort, QuestionsThatAreLostWithAKilledOrStoppedProcessAreReported) {
  run_soak({.actors = 100, .messages_per_s = 1'000, .burst = 1, .ask_every = 1, .seed = 2}, 15s, 2s);
}

TEST(SoakInShort, WhatIsLostWithAKilledOrStoppedProcessIsWithinWhatIsReported) {
  run_soak({.actors = 100, .messages_per_s = 5'000, .burst = 5, .seed = 3}, 15s, 2s);
}

} // namespace
