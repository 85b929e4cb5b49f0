#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <future>

namespace {

using namespace system_test;

std::vector<std::string> five_nodes(const test_system& system) {
  std::vector<std::string> nodes{head_node};
  for (int i = 0; i < 4; ++i) {
    nodes.push_back(system.create_process());
  }
  return nodes;
}

TEST(AT20NameUniqueness, ExactlyOneCreationWins) {
  test_system system;
  const auto nodes = five_nodes(system);
  for (int round = 0; round < 20; ++round) {
    const std::string name = "only_" + std::to_string(round);
    std::vector<std::future<answer>> asked;
    for (const auto& node : nodes) {
      for (int twice = 0; twice < 2; ++twice) {
        asked.push_back(std::async(
          std::launch::async, [&, node] { return system.ask(node, "create_actor", actor_body(name, "Echo"), 10s); }));
      }
    }
    std::vector<std::string> winners;
    for (auto& one : asked) {
      const auto got = one.get();
      if (got.is("actor_is_created")) {
        winners.push_back(got.body.at("node"));
      } else {
        EXPECT_EQ(got.command, "actor_is_not_created") << got;
        EXPECT_NE(got.body.dump().find(name), std::string::npos) << "the reason names the name: " << got;
      }
    }
    ASSERT_EQ(winners.size(), 1u) << name;
    const auto found = system.ask(name, "who");
    ASSERT_EQ(found.command, "here_is") << found;
    EXPECT_EQ(found.body.at("node"), winners.front());
  }
}

TEST(AT20NameUniqueness, ABatchIsCreatedWhollyOrNotAtAll) {
  test_system system;
  const auto other = system.create_process();
  system.create_actor(other, "taken", "Echo");
  const json desc{{"requires_dist", "test_actors"}, {"class", "Echo"}};
  auto got = system.ask(head_node, "create_actors", {{"class_desc", desc}, {"names", {"one", "taken", "three"}}});
  EXPECT_EQ(got.command, "actors_are_not_created") << got;
  EXPECT_NE(got.body.dump().find("taken"), std::string::npos) << got;
  for (const auto* name : {"one", "three"}) {
    EXPECT_EQ(system.ask(name, "who").command, "actor_is_not_found") << name;
  }
  EXPECT_EQ(system.ask("taken", "who").body.at("node"), other);
  got = system.ask(head_node, "create_actors", {{"class_desc", desc}, {"names", {"same", "same"}}});
  EXPECT_NE(got.command, "actors_are_created") << got;
  got = system.ask(head_node, "create_actors", {{"class_desc", desc}, {"names", {"one", "two", "three"}}});
  ASSERT_EQ(got.command, "actors_are_created") << got;
  EXPECT_EQ(got.body, json({{"node", head_node}, {"entities", {"one", "two", "three"}}}));
  for (const auto* name : {"one", "two", "three"}) {
    EXPECT_EQ(system.ask(name, "who").command, "here_is") << name;
  }
}

TEST(AT20NameUniqueness, AFailedBirthGivesItsNameBack) {
  test_system system;
  auto got = system.ask(head_node, "create_actor", actor_body("weak", "BadBirth"));
  EXPECT_EQ(got.command, "actor_is_not_created") << got;
  EXPECT_NE(got.body.dump().find("not born on purpose"), std::string::npos) << got;
  got = system.ask(head_node, "create_actor", actor_body("slow", "SlowBirth"), 1s);
  EXPECT_FALSE(got.is("actor_is_created")) << got;
  system.create_actor(head_node, "weak", "Echo");
  // A birth that came too late is undone, so its name is free (at the latest when it would have ended).
  EXPECT_TRUE(eventually(
    5s, [&] { return system.ask(head_node, "create_actor", actor_body("slow", "Echo")).is("actor_is_created"); }));
  EXPECT_EQ(system.ask("slow", "who").command, "here_is");
}

TEST(AT20NameUniqueness, AHundredCreationsOfOnePackageAtOnceAllSucceed) {
  test_system system;
  const auto nodes = five_nodes(system);
  std::vector<std::future<answer>> asked;
  for (int i = 0; i < 100; ++i) {
    asked.push_back(std::async(std::launch::async, [&system, &nodes, i] {
      return system.ask(nodes[static_cast<std::size_t>(i) % nodes.size()], "create_actor",
                        actor_body("many_" + std::to_string(i), "Counter"), 20s);
    }));
  }
  for (auto& one : asked) {
    const auto got = one.get();
    EXPECT_EQ(got.command, "actor_is_created") << got;
  }
}

} // namespace
