#include "examples/packages/peacepie_example/circle_dancer.hpp"
#include "examples/packages/peacepie_example/circle_starter.hpp"
#include "tests/unit/packages/example_actors/fake_context.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

using lines = std::vector<std::string>;

class CircleDancer : public testing::Test {
protected:
  CircleDancer() { who->bind(&ctx); }

  const class_info info = describe_class<peacepie_example::circle_dancer>("CircleDancer");
  fake_context ctx;
  std::unique_ptr<actor> who = info.make();
};

TEST_F(CircleDancer, PassesTheSameMessageOnAfterItsPeriod) {
  set_param(*who, info, "consumer", "dancer_01");
  set_param(*who, info, "period", 4);
  EXPECT_EQ(ctx.tell(*who, info, "tick"), "");
  EXPECT_EQ(ctx.printed, lines{"tested first.main.admin"});
  EXPECT_TRUE(ctx.forwarded.empty());
  ASSERT_EQ(ctx.waiting.size(), 1u);
  EXPECT_EQ(ctx.waiting[0].first, 4);
  ctx.waiting[0].second();
  EXPECT_EQ(ctx.running_answer(), "done");
  ASSERT_EQ(ctx.forwarded.size(), 1u);
  EXPECT_EQ(ctx.forwarded[0].first, ctx.handled.get());
  EXPECT_EQ(ctx.forwarded[0].second, "dancer_01");
}

TEST_F(CircleDancer, WithoutAConsumerKeepsTheMessage) {
  ctx.tell(*who, info, "tick");
  ctx.waiting.at(0).second();
  EXPECT_EQ(ctx.running_answer(), "done");
  EXPECT_TRUE(ctx.forwarded.empty());
}

class CircleStarter : public testing::Test {
protected:
  CircleStarter() {
    who->bind(&ctx);
    set_param(*who, info, "process_count", 3);
    set_param(*who, info, "dancers_per_process", 2);
    set_param(*who, info, "period", 4);
    ctx.answer = [this](const request& what) { return answer(what); };
  }

  reply answer(const request& what) {
    if (what.command == refused) {
      return {"actor_is_not_created", json{{"reason", "no room"}}};
    }
    if (what.command == "create_process") {
      return {"actor_is_created", json{{"node", "first.process_" + std::to_string(processes++) + ".admin"}}};
    }
    return what.command == "create_actor" ? "actor_is_created" : "params_are_set";
  }

  lines asked(const std::string& command) {
    lines out;
    for (const auto& one : ctx.asked) {
      if (one.command == command) {
        out.push_back(one.recipient.to_string() + " " + one.body.dump());
      }
    }
    return out;
  }

  const class_info info = describe_class<peacepie_example::circle_starter>("CircleStarter");
  fake_context ctx;
  std::unique_ptr<actor> who = info.make();
  int processes = 0;
  std::string refused;
};

TEST_F(CircleStarter, BuildsACircleThroughAllProcessesAndStartsIt) {
  EXPECT_EQ(ctx.tell(*who, info, "begin"), "begun") << ctx.last_body;
  EXPECT_EQ(asked("create_process").size(), 2u) << "the own process is the first";
  const auto created = asked("create_actor");
  ASSERT_EQ(created.size(), 6u);
  EXPECT_NE(created[0].find("first.main.admin"), std::string::npos);
  EXPECT_NE(created[5].find("first.process_1.admin"), std::string::npos);
  EXPECT_NE(created[5].find("dancer_05"), std::string::npos);
  const auto linked = asked("set_params");
  ASSERT_EQ(linked.size(), 6u);
  EXPECT_EQ(linked[0], "first.main.admin/dancer_00 "
                       R"({"params":[{"name":"consumer","value":"dancer_01"},{"name":"period","value":4.0}]})");
  EXPECT_NE(linked[5].find(R"("value":"dancer_00")"), std::string::npos);
  ASSERT_EQ(ctx.sent.size(), 1u);
  EXPECT_EQ(ctx.sent[0].recipient.to_string(), "dancer_00");
  EXPECT_EQ(ctx.sent[0].command, "tick");
}

TEST_F(CircleStarter, GivesANewProcessTimeToStart) {
  ctx.tell(*who, info, "begin");
  for (const auto& one : ctx.asked) {
    if (one.command == "create_process") {
      EXPECT_GE(one.timeout.value_or(seconds{1}), seconds{10});
    }
  }
}

TEST_F(CircleStarter, SaysWhyThereIsNoCircleAndRemovesWhatItMade) {
  refused = "set_params";
  EXPECT_EQ(ctx.tell(*who, info, "begin"), "not_begun");
  EXPECT_NE(ctx.last_body["reason"].get<std::string>().find("no room"), std::string::npos);
  EXPECT_EQ(asked("remove_actor").size(), 6u);
  EXPECT_EQ(asked("remove_process").size(), 2u);
  EXPECT_TRUE(ctx.sent.empty());
}

TEST_F(CircleStarter, RefusesAnEmptyCircle) {
  set_param(*who, info, "dancers_per_process", 0);
  EXPECT_EQ(ctx.tell(*who, info, "begin"), "not_begun");
  EXPECT_TRUE(ctx.asked.empty());
}

} // namespace
} // namespace troupe
