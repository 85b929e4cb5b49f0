#include "tests/system/tasks/runs_in_a_row.hpp"

#include <gtest/gtest.h>

namespace {

using namespace system_test;

TEST(SoakTaskHistory, TenThousandRunsInARowLeaveNothingInTheirNode) {
  system_options options;
  options.config = {{"tasks", {{"history", {{"keep_actor_s", 0}, {"max_actors", 20}}}}}};
  test_system system(options);
  run_in_a_row(system, 10'000);
}

} // namespace
