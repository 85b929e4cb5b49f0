// The soak in short: many actors that talk all the time while they are moved, in this suite for some seconds.
#include "tests/system/move_world/soak_run.hpp"

#include <gtest/gtest.h>

namespace {

using namespace system_test;

TEST(SoakInShort, ManyActorsTalkWhileTwentyMoveEachSecond) {
  run_soak({.actors = 200, .messages_per_s = 10'000, .seed = 1}, 15s, 0ms);
}

} // namespace
