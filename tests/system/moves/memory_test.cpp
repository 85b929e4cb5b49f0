// AT-21: memory is flat over cycles of creation and removal, and of moves.
#include "tests/system/move_world/memory_cycles.hpp"

#include <gtest/gtest.h>

namespace {

using namespace system_test;

TEST(AT21Memory, IsFlatOverTenThousandCreationsAndRemovals) {
  create_and_remove(10'000);
}

TEST(AT21Memory, IsFlatOverTenThousandMoves) {
  move_about(10'000);
}

} // namespace
