// AT-7, PEACEPIE 12.10: actors that use up the CPU, and one that jumps from node to node.
#include "tests/system/harness/latency_watch.hpp"
#include "tests/system/move_world/move_world.hpp"

#include <gtest/gtest.h>

#include <set>

namespace {

using namespace system_test;

TEST(AT7HeavyLoad, TheSystemAnswersWhileActorsBurnAndOneJumps) {
  move_world world({.processes = 3});
  for (std::size_t i = 1; i <= 3; ++i) {
    const auto name = "burner_" + std::to_string(i);
    world.create(name, "Burner", world.node(i));
    world.system().set_params(name, {{"remaining_time", 600.0}});
    ASSERT_EQ(world.ask(name, "start").command, "started");
  }
  world.create("ball", "Ball", head_node);
  world.system().set_params("ball", {{"period", 0.1}});
  ASSERT_EQ(world.ask("ball", "start").command, "started");
  world.create("echo", "Echo", world.node(1), "test_actors");
  latency_watch watch(everyday_probes(world.system(), world.node(1), "echo"));
  std::set<std::string> seen;
  json here;
  EXPECT_TRUE(eventually(20s, [&] {
    here = world.where("ball");
    seen.insert(here.value("node", ""));
    return here.value("moves", 0) >= 12 && seen.size() >= 3;
  })) << here;
  watch.stop();
  EXPECT_EQ(here.value("births", -1), 1) << here;
  EXPECT_EQ(here.value("problem", "?"), "") << here;
  EXPECT_TRUE(watch.wrong().empty()) << watch.wrong().front();
  EXPECT_LT(watch.slowest(), scaled(1000ms)) << watch.slowest_what();
  // Processes with a burner and perhaps the ball can be removed.
  for (std::size_t i = 1; i <= 3; ++i) {
    const auto got = world.ask(head_node, "remove_process", {{"node", world.node(i)}}, 10s);
    EXPECT_EQ(got.command, "process_is_removed") << got;
  }
}

TEST(AT7HeavyLoad, ABurnersRemainingTimeGoesOnCountingDownAfterAMove) {
  move_world world;
  world.create("burner", "Burner", world.node(1));
  world.system().set_params("burner", {{"remaining_time", 2.0}});
  ASSERT_EQ(world.ask("burner", "start").command, "started");
  double last = 2.0;
  const auto begin = clock::now();
  for (int moves = 1; moves <= 6; ++moves) {
    answer got;
    EXPECT_TRUE(eventually(10s, [&] {
      got = world.ask("burner", "left");
      return field(got, "remaining_time", 9.0) <= last - 0.1;
    })) << got;
    const auto left = field(got, "remaining_time", 9.0);
    world.must_move("burner", moves % 3 == 0 ? json() : json(world.node(1 + static_cast<std::size_t>(moves) % 2)));
    got = world.ask("burner", "left");
    EXPECT_LE(field(got, "remaining_time", 9.0), left) << "the time used is not given back: " << got;
    EXPECT_GT(field(got, "remaining_time", -1.0), left - 1.0) << got;
    EXPECT_EQ(field(got, "moves", -1), moves) << got;
    last = field(got, "remaining_time", 9.0);
  }
  answer got;
  EXPECT_TRUE(eventually(20s, [&] {
    got = world.ask("burner", "left");
    return field(got, "remaining_time", 9.0) <= 0;
  })) << got;
  EXPECT_FALSE(field(got, "burns", true)) << got;
  EXPECT_GT(since(begin), 1800ms) << "2 s of one CPU take 2 s";
}

} // namespace
