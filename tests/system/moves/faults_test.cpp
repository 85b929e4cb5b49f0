// AT-12 (M7, M8, M9): one party of a move dies, stands still or loses its links, at each point of the move.
#include "tests/system/move_world/fault_case.hpp"

#include <gtest/gtest.h>

namespace {

using namespace system_test;

class AT12Fault : public testing::TestWithParam<fault> {};

TEST_P(AT12Fault, LeavesTheActorOnceAndTellsTheTruth) {
  run_faults({GetParam()});
}

INSTANTIATE_TEST_SUITE_P(, AT12Fault, testing::ValuesIn(all_faults()), [](const auto& info) {
  return info.param.party + "_" + info.param.point + "_" + info.param.action;
});

} // namespace
