#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

namespace {

using namespace system_test;

TEST(AT1Ring, AMessageGoesRoundFiveTimesFiveRetransmittersInTwoSeconds) {
  test_system system;
  system.create_actor(head_node, "initiator", "Initiator", "simple_testing");
  system.set_params("initiator", {{"group_count", 5}, {"group_size", 5}});
  const auto begin = clock::now();
  system.send("initiator", "start");
  // The first retransmitter sends `quit` when the message is back.
  const auto state = system.daemon().wait_exit(10s);
  ASSERT_EQ(state, (exit_state{false, 0})) << to_string(state);
  EXPECT_LT(since(begin), scaled(2000ms)) << system.report();
}

TEST(AT1Ring, TheWholeSystemCanStartFromItsConfig) {
  system_options options;
  options.config = {
    {"actors",
     {{{"name", "initiator"},
       {"class_desc", {{"requires_dist", "simple_testing"}, {"class", "Initiator"}}},
       {"params", {{"group_count", 3}, {"group_size", 2}}}},
      {{"name", "greeter"}, {"class_desc", {{"requires_dist", "peacepie_example"}, {"class", "HelloWorld"}}}}}},
    {"start", {{{"type", "ask"}, {"recipient", "greeter"}, {"command", "tick"}}}}};
  test_system system(options);
  EXPECT_TRUE(system.printed().wait_for("Hello, World!", 5s)) << system.report();
  const auto params = system.ask("initiator", "get_params");
  EXPECT_NE(params.body.dump().find(R"("value":3)"), std::string::npos) << params;
  system.send("initiator", "start");
  const auto state = system.daemon().wait_exit(10s);
  EXPECT_EQ(state, (exit_state{false, 0})) << to_string(state);
}

} // namespace
