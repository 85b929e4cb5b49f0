#include "examples/packages/peacepie_example/hello_world.hpp"
#include "examples/packages/peacepie_example/iterating_hello_world.hpp"
#include "tests/unit/packages/example_actors/fake_context.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

using lines = std::vector<std::string>;

TEST(HelloWorld, PrintsItsGreetingAndAnswers) {
  const auto info = describe_class<peacepie_example::hello_world>("HelloWorld");
  fake_context ctx;
  const auto who = info.make();
  who->bind(&ctx);
  EXPECT_EQ(ctx.tell(*who, info, "start"), "started");
  EXPECT_EQ(ctx.tell(*who, info, "tick"), "hello_world");
  EXPECT_EQ(ctx.last_body, json());
  EXPECT_EQ(ctx.printed, lines{"Hello, World!"});
}

TEST(HelloWorld, DoesNotHandleOtherCommands) {
  const auto info = describe_class<peacepie_example::hello_world>("HelloWorld");
  EXPECT_FALSE(info.commands.contains("jump"));
  const auto who = info.make();
  EXPECT_EQ(who->unknown(message({})).command(), "is_not_handled");
}

class IteratingHelloWorld : public testing::Test {
protected:
  IteratingHelloWorld() { who->bind(&ctx); }
  std::string tell(std::string command) { return ctx.tell(*who, info, std::move(command)); }
  json get(std::string_view name) { return get_param(*who, info, name); }

  const class_info info = describe_class<peacepie_example::iterating_hello_world>("IteratingHelloWorld");
  fake_context ctx;
  std::unique_ptr<actor> who = info.make();
};

TEST_F(IteratingHelloWorld, BeginsWithTheDocumentedParameters) {
  EXPECT_EQ(get("period"), 1);
  EXPECT_EQ(get("limit"), nullptr);
  EXPECT_EQ(get("index"), 0);
  EXPECT_EQ(get("is_ticking"), false);
}

TEST_F(IteratingHelloWorld, GreetsBetweenStartAndStop) {
  set_param(*who, info, "period", 2);
  EXPECT_EQ(tell("tick_start"), "tick_started");
  EXPECT_EQ(tell("tick_start"), "tick_already_started");
  ASSERT_EQ(ctx.tickers.size(), 1u);
  EXPECT_EQ(ctx.tickers.begin()->second.period, seconds{2});
  tell("tick");
  tell("tick");
  EXPECT_EQ(ctx.printed,
            (lines{"tested first.main.admin \"Hello, World! (0)\"", "tested first.main.admin \"Hello, World! (1)\""}));
  EXPECT_EQ(get("index"), 2);
  EXPECT_EQ(tell("tick_stop"), "tick_stopped");
  EXPECT_EQ(tell("tick_stop"), "tick_already_stopped");
  EXPECT_EQ(get("index"), 0);
  EXPECT_TRUE(ctx.tickers.empty());
}

TEST_F(IteratingHelloWorld, EndsAtItsLimit) {
  set_param(*who, info, "limit", 2);
  tell("tick_start");
  tell("tick");
  EXPECT_EQ(ctx.tickers.size(), 1u);
  tell("tick");
  EXPECT_TRUE(ctx.tickers.empty());
  tell("tick");
  EXPECT_EQ(ctx.printed.size(), 2u);
  EXPECT_EQ(get("is_ticking"), false);
  EXPECT_EQ(tell("tick_start"), "tick_started");
  tell("tick");
  EXPECT_EQ(ctx.printed.back(), "tested first.main.admin \"Hello, World! (0)\"");
}

TEST_F(IteratingHelloWorld, GoesOnCountingAfterAMove) {
  set_param(*who, info, "is_ticking", true);
  set_param(*who, info, "index", 7);
  (void)who->moved();
  EXPECT_EQ(ctx.tickers.size(), 1u);
  EXPECT_EQ(tell("start"), "started");
  EXPECT_EQ(ctx.tickers.size(), 1u) << "a ticker that moved along must not be doubled";
  tell("tick");
  EXPECT_EQ(ctx.printed, lines{"tested first.main.admin \"Hello, World! (7)\""});
}

TEST_F(IteratingHelloWorld, StaysSilentUnlessItWasTicking) {
  EXPECT_EQ(tell("start"), "started");
  (void)who->pre_run();
  EXPECT_TRUE(ctx.tickers.empty());
}

} // namespace
} // namespace troupe
