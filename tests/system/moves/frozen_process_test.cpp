// AT-10 with moves: a stopped process delays nobody else's move, and no ghost comes back.
#include "tests/system/harness/latency_watch.hpp"
#include "tests/system/harness/proc_table.hpp"
#include "tests/system/move_world/move_world.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <future>

namespace {

using namespace system_test;

class AT10MovesAndAStoppedProcess : public testing::Test {
protected:
  AT10MovesAndAStoppedProcess() {
    victim = world.node(1);
    victim_pid = world.system().pid_of(victim);
    EXPECT_NE(victim_pid, 0);
    world.create("bystander", "Traveller", world.node(2));
  }

  move_world world{move_options{.processes = 3}};
  std::string victim;
  pid_t victim_pid = 0;
};

TEST_F(AT10MovesAndAStoppedProcess, MovesElsewhereKeepTheirPace) {
  ASSERT_EQ(kill(victim_pid, SIGSTOP), 0);
  milliseconds slowest{0};
  int moved = 0;
  const auto begin = clock::now();
  while (since(begin) < 3s) {
    const auto got = world.move("bystander", world.node(2 + static_cast<std::size_t>(moved + 1) % 2));
    if (is_not_yet(got)) {
      continue;
    }
    ASSERT_EQ(got.command, "actor_is_recreated") << got;
    slowest = std::max(slowest, got.took);
    ++moved;
  }
  EXPECT_GT(moved, 10);
  EXPECT_LT(slowest, scaled(1000ms));
}

TEST_F(AT10MovesAndAStoppedProcess, AMoveToItIsAnsweredAndTheActorWorksOn) {
  ASSERT_EQ(kill(victim_pid, SIGSTOP), 0);
  const auto got = world.move("bystander", victim);
  EXPECT_EQ(got.command, "actor_is_not_recreated") << got;
  EXPECT_LT(got.took, scaled(11s)) << "the whole move has 10 s";
  EXPECT_EQ(world.where("bystander").value("node", ""), world.node(2));
  EXPECT_EQ(world.places("bystander"), std::vector{world.node(2)});
}

TEST_F(AT10MovesAndAStoppedProcess, AStopShorterThanTheVerdictInTheMiddleOfAMoveHarmsNothing) {
  for (int round = 0; round < 4; ++round) {
    const bool source_stops = round % 2 == 0;
    const auto name = "t" + std::to_string(round);
    world.create(name, "Ballast", source_stops ? victim : world.node(2));
    ASSERT_EQ(world.ask(name, "load", {{"size", 4 << 20}}, 20s).command, "loaded");
    auto moving =
      std::async(std::launch::async, [&] { return world.move(name, source_stops ? world.node(2) : victim); });
    // sleep: into the middle of the move, and the length of the stop
    std::this_thread::sleep_for(milliseconds(5 + 10 * round));
    ASSERT_EQ(kill(victim_pid, SIGSTOP), 0);
    std::this_thread::sleep_for(400ms); // sleep: as above
    ASSERT_EQ(kill(victim_pid, SIGCONT), 0);
    const auto got = moving.get();
    EXPECT_TRUE(got.is("actor_is_recreated") || got.is("actor_is_not_recreated")) << got;
    const auto weight = world.ask(name, "weigh");
    EXPECT_TRUE(field(weight, "whole", false)) << weight;
    EXPECT_EQ(field(weight, "size", 0), 4 << 20) << weight;
    EXPECT_EQ(field(weight, "node", std::string("?")), field(got, "node", std::string())) << "the asker is told the truth";
    EXPECT_EQ(world.places(name), std::vector{field(weight, "node", std::string("?"))});
  }
}

TEST_F(AT10MovesAndAStoppedProcess, AMoverThatStoppedForGoodLeavesNoGhost) {
  world.create("t", "Traveller", victim);
  ASSERT_EQ(kill(victim_pid, SIGSTOP), 0);
  const auto got = world.move("t", world.node(2), head_node, nullptr, 15s);
  EXPECT_NE(got.command, "actor_is_recreated") << "the source cannot hand it over: " << got;
  EXPECT_TRUE(eventually(6s, [&] { return !is_alive(victim_pid); })) << "it was not judged";
  kill(victim_pid, SIGCONT);
  // Whether it comes back is its policy; twice it must not be there.
  EXPECT_TRUE(eventually(6s, [&] { return world.places("t").size() <= 1; }));
  const auto places = world.places("t");
  const auto here = world.ask("t", "where");
  EXPECT_EQ(here.is("here"), places.size() == 1) << here;
}

} // namespace
