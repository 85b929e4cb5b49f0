// Creation, removal, and what ends with an actor.
#include "tests/sim/node/probe.hpp"

#include <algorithm>

using namespace troupe;

namespace {

using words = std::vector<std::string>;

class Life : public testing::Test {
protected:
  std::shared_ptr<probe_world> seen = std::make_shared<probe_world>();
  std::shared_ptr<const class_info> probes = make_probe_class(seen);
  sim_world world{3, sim_world::turns::manual, [](node_options& options) { options.exit_hook_s = 0.05; }};

  bool noted(const std::string& what) {
    return world.until([&] { return count(what) > 0; });
  }
  std::ptrdiff_t count(const std::string& what) {
    auto all = seen->noted();
    return std::ranges::count(all, what);
  }
};

} // namespace

TEST_F(Life, ANameIsUniqueInTheSystem) {
  ASSERT_TRUE(world.create(1, {"a"}, probes));
  for (std::size_t node : {1u, 2u}) {
    auto again = world.create(node, {"a"}, probes);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, error_code::name_taken);
  }
  EXPECT_EQ(world.ask(2, "a", "echo")->command(), "echoed");
}

TEST_F(Life, ANameCreatedOnSeveralNodesAtOnceIsMadeOnce) {
  std::atomic<int> made{0};
  std::atomic<int> refused{0};
  for (int i = 0; i < 30; ++i) {
    for (std::size_t node = 0; node < 3; ++node) {
      creation what{{"twin_" + std::to_string(i)}, loaded_class{probes, "test", "1.0"}, class_desc{"test", "Probe"}, seconds{5}};
      world.node(node).create_actors(std::move(what), [&](const result<>& how) {
        (how ? made : refused)++;
        if (!how) {
          EXPECT_EQ(how.error().code, error_code::name_taken) << how.error().text;
        }
      });
    }
  }
  ASSERT_TRUE(world.until([&] { return made + refused == 90; }));
  EXPECT_EQ(made, 30);
  std::size_t actors = 0;
  for (std::size_t node = 0; node < 3; ++node) {
    actors += world.node(node).actor_names().size();
  }
  EXPECT_EQ(actors, 30u);
}

TEST_F(Life, ABatchIsMadeWholeOrNotAtAllAndAFailedOneLeavesItsNamesFree) {
  seen->births_left = 2;
  auto failed = world.create(2, {"a", "b", "c", "d"}, probes);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, error_code::actor_failed);
  EXPECT_NE(failed.error().text.find("no more of these"), std::string::npos) << failed.error().text;
  EXPECT_TRUE(world.until([&] { return world.node(2).actor_names().empty(); }));
  EXPECT_EQ(world.names().size(), 0u);
  seen->births_left = 100;
  EXPECT_TRUE(world.create(1, {"a", "b", "c", "d"}, probes));
}

TEST_F(Life, ABatchWithOneTakenNameMakesNothing) {
  ASSERT_TRUE(world.create(1, {"c"}, probes));
  auto refused = world.create(2, {"a", "b", "c"}, probes);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text.find("c"), std::string::npos);
  EXPECT_EQ(world.names().size(), 1u);
  EXPECT_TRUE(world.create(2, {"a", "b"}, probes));
}

TEST_F(Life, NamesThatAreTheSystemsOwnOrNoNamesAreRefused) {
  for (const auto& name : {std::string{"_1"}, std::string{"troupe.admin"}, std::string{}, std::string{"a\nb"}, std::string(256, 'a')}) {
    auto made = world.create(1, {name}, probes);
    ASSERT_FALSE(made) << name;
    EXPECT_EQ(made.error().code, error_code::bad_request);
  }
  EXPECT_FALSE(world.create(1, {"x", "x"}, probes));
  EXPECT_EQ(world.names().size(), 0u);
}

TEST_F(Life, MessagesThatComeDuringACreationWaitForIt) {
  creation what{{"late"}, loaded_class{probes, "test", "1.0"}, class_desc{"test", "Probe"}, seconds{5}};
  world.node(2).create_actors(std::move(what), [](const result<>&) {});
  EXPECT_EQ(world.ask(2, "late", "echo")->command(), "echoed");
}

TEST_F(Life, MessagesForACreationThatFailsAreAnsweredAndNotLost) {
  seen->births_left = 0;
  creation what{{"never"}, loaded_class{probes, "test", "1.0"}, class_desc{"test", "Probe"}, seconds{5}};
  world.node(2).create_actors(std::move(what), [](const result<>&) {});
  EXPECT_EQ(world.ask(2, "never", "echo")->command(), "actor_is_not_found");
}

TEST_F(Life, RemovalRunsTheExitHookFreesTheNameAndDestroysTheActor) {
  ASSERT_TRUE(world.create(2, {"a"}, probes));
  EXPECT_EQ(world.remove(2, "a"), removal::removed);
  EXPECT_TRUE(noted("destroyed a"));
  EXPECT_EQ(seen->noted(), (words{"a leaves", "a left", "destroyed a"}));
  EXPECT_EQ(world.names().size(), 0u);
  EXPECT_EQ(world.remove(2, "a"), removal::absent);
  EXPECT_TRUE(world.create(1, {"a"}, probes));
}

TEST_F(Life, AnExitHookHasItsTime) {
  ASSERT_TRUE(world.create(2, {"a"}, probes));
  const json quick = json::parse(R"({"params": [{"name": "exit_time", "value": 0.005}]})");
  ASSERT_EQ(world.ask(2, "a", "set_params", quick)->command(), "params_are_set");
  EXPECT_EQ(world.remove(2, "a"), removal::removed);
  EXPECT_EQ(count("a left"), 1);
}

TEST_F(Life, AnExitHookThatTakesLongerIsCutOffAndTheNameIsFree) {
  ASSERT_TRUE(world.create(2, {"a"}, probes));
  const json slow = json::parse(R"({"params": [{"name": "exit_time", "value": 3600}]})");
  ASSERT_EQ(world.ask(2, "a", "set_params", slow)->command(), "params_are_set");
  EXPECT_EQ(world.remove(2, "a"), removal::forced);
  EXPECT_EQ(count("a leaves"), 1);
  EXPECT_EQ(count("a left"), 0);
  EXPECT_EQ(world.names().size(), 0u);
  EXPECT_TRUE(noted("destroyed a"));
}

TEST_F(Life, RemovalAnswersWhatWaitedInTheMailbox) {
  ASSERT_TRUE(world.create(2, {"busy"}, probes));
  ASSERT_TRUE(world.node(2).send(request{"busy", "sleep", 3600.0, {}, {}, {}}));
  ASSERT_TRUE(noted("busy sleeps"));
  std::atomic<int> failed{0};
  for (std::size_t from : {1u, 2u}) {
    world.node(from).ask(request{"busy", "echo", {}, seconds{3600}, {}, {}},
                         [&](const message_ptr& what) { failed += what->is("actor_has_failed") ? 1 : 0; });
  }
  world.until([&] { return !world.network().step(); });
  EXPECT_EQ(world.remove(2, "busy", seconds{0.02}), removal::forced);
  EXPECT_TRUE(world.until([&] { return failed == 2; })) << failed;
}

TEST_F(Life, RemovalAnswersTheQuestionWhoseHandlerIsCutOff) {
  ASSERT_TRUE(world.create(2, {"busy"}, probes));
  std::atomic<bool> failed{false};
  world.node(1).ask(request{"busy", "sleep", 3600.0, seconds{3600}, {}, {}},
                    [&](const message_ptr& what) { failed = what->is("actor_has_failed"); });
  ASSERT_TRUE(noted("busy sleeps"));
  EXPECT_EQ(world.remove(2, "busy", seconds{0.01}), removal::forced);
  EXPECT_TRUE(world.until([&] { return failed.load(); }));
}

TEST_F(Life, APromiseThatIsKeptBySomeoneWhoEndsIsAnswered) {
  ASSERT_TRUE(world.create(2, {"keeper"}, probes));
  std::atomic<bool> failed{false};
  world.node(1).ask(request{"keeper", "keep", {}, seconds{3600}, {}, {}},
                    [&](const message_ptr& what) { failed = what->is("actor_has_failed"); });
  ASSERT_EQ(world.ask(1, "keeper", "echo")->command(), "echoed");
  EXPECT_EQ(world.remove(2, "keeper"), removal::removed);
  EXPECT_TRUE(world.until([&] { return failed.load(); }));
}

TEST_F(Life, TickersStopWithTheirActor) {
  ASSERT_TRUE(world.create(2, {"clock"}, probes));
  ASSERT_TRUE(world.node(2).send(request{"clock", "start_ticker", {}, {}, {}, {}}));
  ASSERT_TRUE(world.until([&] { return count("clock tick") >= 3; }));
  EXPECT_EQ(world.remove(2, "clock"), removal::removed);
  const auto ticks = count("clock tick");
  EXPECT_FALSE(world.until([&] { return count("clock tick") > ticks; }, seconds{0.05}));
}

TEST_F(Life, StoppingAllActorsRunsEveryExitHook) {
  ASSERT_TRUE(world.create(2, {"a", "b", "c"}, probes));
  std::atomic<bool> ended{false};
  world.node(2).stop_actors([&] { ended = true; });
  ASSERT_TRUE(world.until([&] { return ended.load(); }));
  EXPECT_EQ(count("a left") + count("b left") + count("c left"), 3);
  EXPECT_TRUE(world.node(2).actor_names().empty());
}

TEST(NodeEnd, ANodeMayEndWhileItsActorsWaitForAnswersOrOweThem) {
  auto seen = std::make_shared<probe_world>();
  sim_world world{3};
  ASSERT_TRUE(world.create(2, {"keeper", "asker", "sleeper"}, make_probe_class(seen)));
  (void)world.node(2).send(request{"asker", "ask", json{{"to", "keeper"}, {"command", "keep"}}, {}, {}, {}});
  world.node(1).ask(request{"keeper", "keep", {}, seconds{3600}, {}, {}}, [](const message_ptr&) {});
  world.node(1).ask(request{"sleeper", "sleep", 3600.0, seconds{3600}, {}, {}}, [](const message_ptr&) {});
  EXPECT_TRUE(world.until([&] { return !seen->noted().empty(); }));
  EXPECT_EQ(world.ask(1, "keeper", "echo")->command(), "echoed");
}
