// Messages between nodes.
#include "tests/sim/node/probe.hpp"

using namespace troupe;

namespace {

using words = std::vector<std::string>;

class Routing : public testing::Test {
protected:
  std::shared_ptr<probe_world> seen = std::make_shared<probe_world>();
  std::shared_ptr<const class_info> probes = make_probe_class(seen);
  sim_world world;

  bool noted(std::size_t count) {
    return world.until([&] { return seen->noted().size() >= count; });
  }
};

std::string reasons(local_node& node) { return node.dead_letter_report(0)["reasons"].dump(); }

} // namespace

TEST_F(Routing, AnAskReachesAnActorOfAnotherNodeByItsNameAlone) {
  ASSERT_TRUE(world.create(2, {"greeter"}, probes));
  auto answer = world.ask(1, "greeter", "echo", json{{"n", 1}});
  EXPECT_EQ(answer->command(), "echoed");
  EXPECT_EQ(answer->body(), (json{{"n", 1}}));
  EXPECT_EQ(world.node(1).metrics()["asks_waiting"], 0);
}

TEST_F(Routing, BinaryBodiesCrossUnchanged) {
  ASSERT_TRUE(world.create(2, {"greeter"}, probes));
  const auto bytes = json::binary({0, 255, 10});
  EXPECT_EQ(world.ask(1, "greeter", "echo", bytes)->body(), bytes);
}

TEST_F(Routing, MessagesHeldWhileANameResolvesArriveInTheOrderOfTheirSends) {
  ASSERT_TRUE(world.create(2, {"greeter"}, probes));
  words expected;
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(world.node(1).send(request{"greeter", "note", i, {}, {}, {}}));
    expected.push_back("greeter note " + std::to_string(i));
    if (i % 50 == 0) {
      world.network().step(); // the directory's answer comes somewhere in the middle
    }
  }
  ASSERT_TRUE(noted(300));
  EXPECT_EQ(seen->noted(), expected);
}

TEST_F(Routing, AnUnknownNameIsAnsweredAndNotRememberedAsAbsent) {
  for (std::size_t from : {0u, 1u, 2u}) {
    auto answer = world.ask(from, "nobody", "echo");
    EXPECT_EQ(answer->command(), "actor_is_not_found");
    EXPECT_EQ(answer->body()["entity"], "nobody");
    EXPECT_TRUE(answer->body()["mid"].is_string());
  }
  ASSERT_TRUE(world.create(2, {"nobody"}, probes));
  EXPECT_EQ(world.ask(1, "nobody", "echo")->command(), "echoed");
}

TEST_F(Routing, ASendToNobodyIsADeadLetter) {
  ASSERT_TRUE(world.node(1).send(request{"nobody", "echo", {}, {}, {}, {}}));
  EXPECT_TRUE(world.until([&] { return reasons(world.node(1)) == R"({"not_found":1})"; })) << reasons(world.node(1));
}

TEST_F(Routing, AStaleRouteIsCorrectedWhereItIsMet) {
  ASSERT_TRUE(world.create(2, {"wanderer"}, probes));
  ASSERT_EQ(world.ask(1, "wanderer", "echo")->command(), "echoed");
  ASSERT_EQ(world.remove(2, "wanderer"), removal::removed);
  ASSERT_TRUE(world.create(0, {"wanderer"}, probes));
  EXPECT_EQ(world.ask(1, "wanderer", "echo", "again")->body(), "again");
  ASSERT_EQ(world.remove(0, "wanderer"), removal::removed);
  EXPECT_EQ(world.ask(1, "wanderer", "echo")->command(), "actor_is_not_found");
}

TEST_F(Routing, TwoNodesThatDialAtOnceHaveOneLinkAndLoseNothing) {
  ASSERT_TRUE(world.create(1, {"one"}, probes));
  ASSERT_TRUE(world.create(2, {"two"}, probes));
  world.until([&] { return !world.network().step(); });
  // Only the daemon is linked so far; both learn the other's place, then both dial before anything moves.
  int answers = 0;
  std::mutex mutex;
  for (int round = 0; round < 50; ++round) {
    for (auto [from, to] : {std::pair{1, "two"}, std::pair{2, "one"}}) {
      world.node(static_cast<std::size_t>(from)).ask(request{to, "echo", round, seconds{20}, {}, {}}, [&](message_ptr what) {
        std::lock_guard lock{mutex};
        answers += what->is("echoed") ? 1 : 0;
      });
    }
  }
  EXPECT_TRUE(world.until([&] {
    std::lock_guard lock{mutex};
    return answers == 100;
  })) << answers << " of 100 asks were answered";
  EXPECT_EQ(world.node(1).metrics()["links"], 2); // the daemon's and this one
  EXPECT_EQ(world.node(2).metrics()["links"], 2);
}

TEST_F(Routing, ALateAnswerIsHarmless) {
  ASSERT_TRUE(world.create(2, {"slow"}, probes));
  EXPECT_EQ(world.ask(1, "slow", "keep", nullptr, seconds{0.02})->command(), "timer");
  ASSERT_TRUE(world.node(1).send(request{"slow", "let_go", {}, {}, {}, {}}));
  EXPECT_EQ(world.ask(1, "slow", "echo")->command(), "echoed");
  EXPECT_EQ(world.node(1).metrics()["asks_waiting"], 0);
  EXPECT_EQ(world.node(1).metrics()["dead_letters"], 0);
}

TEST_F(Routing, TheTimerAnswerNamesTheQuestion) {
  ASSERT_TRUE(world.create(2, {"slow"}, probes));
  auto answer = world.ask(1, "slow", "keep", nullptr, seconds{0.01});
  ASSERT_EQ(answer->command(), "timer");
  EXPECT_TRUE(answer->body()["mid"].get<std::string>().starts_with("king.first.main."));
}

TEST_F(Routing, TheEndOfANodeFailsWhatWaitsThereAtOnce) {
  ASSERT_TRUE(world.create(2, {"victim"}, probes));
  ASSERT_EQ(world.ask(1, "victim", "echo")->command(), "echoed");
  std::atomic<bool> failed{false};
  world.node(1).ask(request{"victim", "keep", {}, seconds{3600}, {}, {}},
                    [&](const message_ptr& what) { failed = what->is("actor_has_failed"); });
  ASSERT_TRUE(world.until([&] { return !world.network().step(); }));
  world.kill(2);
  EXPECT_TRUE(world.until([&] { return failed.load(); }, seconds{5}));
  EXPECT_EQ(world.ask(1, "victim", "echo")->command(), "actor_is_not_found");
}

TEST_F(Routing, AMessageAboveTheLimitIsRefusedWithTheLimit) {
  sim_world small{2, sim_world::turns::manual, [](node_options& options) { options.message_limit = 1000; }};
  const json large = std::string(2000, 'x');
  auto sent = small.node(1).send(request{"anybody", "echo", large, {}, {}, {}});
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, error_code::too_large);
  EXPECT_NE(sent.error().text.find("1000"), std::string::npos);
  EXPECT_EQ(small.ask(1, "anybody", "echo", large)->command(), "bad_request");
}

TEST(FullMailbox, IsSaidToALocalCallerAndIsADeadLetterForARemoteSend) {
  auto seen = std::make_shared<probe_world>();
  sim_world world{3, sim_world::turns::manual, [](node_options& options) { options.mailbox_limit = 10; }};
  ASSERT_TRUE(world.create(2, {"busy"}, make_probe_class(seen)));
  ASSERT_TRUE(world.node(2).send(request{"busy", "sleep", 3600.0, {}, {}, {}}));
  ASSERT_TRUE(world.until([&] { return !seen->noted().empty(); }));
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(world.node(2).send(request{"busy", "note", i, {}, {}, {}}));
  }
  auto refused = world.node(2).send(request{"busy", "note", 10, {}, {}, {}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::mailbox_full);
  EXPECT_EQ(world.ask(2, "busy", "echo")->command(), "mailbox_full");
  EXPECT_EQ(world.ask(1, "busy", "echo")->command(), "mailbox_full");
  ASSERT_TRUE(world.node(1).send(request{"busy", "note", 11, {}, {}, {}}));
  EXPECT_TRUE(world.until([&] { return reasons(world.node(2)) == R"({"mailbox_full":1})"; })) << reasons(world.node(2));
}
