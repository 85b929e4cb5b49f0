#include "examples/packages/simple_testing/initiator.hpp"
#include "examples/packages/simple_testing/retransmitter.hpp"
#include "tests/unit/packages/example_actors/fake_context.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

TEST(Retransmitter, PassesTheTestOnAndTheFirstEndsTheSystem) {
  const auto info = describe_class<simple_testing::retransmitter>("Retransmitter");
  fake_context ctx;
  const auto who = info.make();
  who->bind(&ctx);
  set_param(*who, info, "consumer", "next");
  ctx.tell(*who, info, "start_test");
  ASSERT_EQ(ctx.sent.size(), 1u);
  EXPECT_EQ(ctx.sent[0].command, "test");
  ctx.tell(*who, info, "test");
  ASSERT_EQ(ctx.forwarded.size(), 1u);
  EXPECT_EQ(ctx.forwarded[0].second, "next");
  set_param(*who, info, "first", true);
  ctx.tell(*who, info, "test");
  EXPECT_EQ(ctx.sent.back().command, "quit");
  EXPECT_EQ(ctx.forwarded.size(), 1u);
}

TEST(Initiator, ChainsTheGroupsToOneRing) {
  const auto info = describe_class<simple_testing::initiator>("Initiator");
  fake_context ctx;
  const auto who = info.make();
  who->bind(&ctx);
  int processes = 0;
  ctx.answer = [&](const request& what) -> reply {
    if (what.command == "create_process") {
      return {"actor_is_created", json{{"node", "first.process_" + std::to_string(processes++) + ".admin"}}};
    }
    return what.command == "create_actor" ? "actor_is_created" : "params_are_set";
  };
  set_param(*who, info, "group_count", 3);
  EXPECT_EQ(ctx.tell(*who, info, "start"), "started") << ctx.last_body;
  std::vector<std::string> ring;
  for (const auto& one : ctx.asked) {
    if (one.command == "set_params") {
      ring.push_back(one.recipient.to_string() + ">" + one.body["params"][0]["value"].get<std::string>() +
                     (one.body["params"][1]["value"] == true ? "!" : ""));
    }
  }
  EXPECT_EQ(ring, (std::vector<std::string>{
                    "retransmitter_main_00>retransmitter_main_01!", "retransmitter_main_01>retransmitter_00_00",
                    "retransmitter_00_00>retransmitter_00_01", "retransmitter_00_01>retransmitter_01_00",
                    "retransmitter_01_00>retransmitter_01_01", "retransmitter_01_01>retransmitter_main_00"}));
  ASSERT_EQ(ctx.sent.size(), 1u);
  EXPECT_EQ(ctx.sent[0].command, "start_test");
}

} // namespace
} // namespace troupe
