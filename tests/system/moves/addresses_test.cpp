// AT-13 (M3, H-3): names and addresses reach an actor wherever it has moved.
#include "tests/system/move_world/move_world.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace {

using namespace system_test;

TEST(AT13Addresses, TheNameAndEveryAddressThatWasEverGivenOutReachTheActor) {
  move_world world({.processes = 3});
  std::vector<std::string> speakers;
  for (std::size_t i = 0; i < world.nodes().size(); ++i) {
    speakers.push_back("speaker_" + std::to_string(i));
    world.create(speakers.back(), "Echo", world.node(i), "test_actors");
  }
  const auto made = world.ask(world.node(1), "create_actor", actor_body("t", "Traveller", "move_actors ==1.0.0"), 10s);
  ASSERT_EQ(made.command, "actor_is_created") << made;
  std::set<json> addresses{json("t"), made.body};
  std::mt19937 random(13);
  std::string place = world.node(1);
  for (int moves = 1; moves <= 25; ++moves) {
    // Now and then it stays where it is, as a new object.
    const json to = random() % 4 == 0 ? json() : json(world.node(random() % world.nodes().size()));
    world.must_move("t", to, world.node(random() % world.nodes().size()));
    place = to.is_null() ? place : to.get<std::string>();
    addresses.insert(json{{"node", place}, {"entity", "t"}});
    const auto found = world.ask(world.node(random() % world.nodes().size()), "seek_actor", {{"entity", "t"}});
    EXPECT_EQ(field(found, "node", std::string()), place) << found;
    for (const auto& address : addresses) {
      const auto& from = speakers[random() % speakers.size()];
      const auto got = world.ask(from, "forward_ask", {{"to", address}, {"command", "where"}, {"timeout", 3}}, 6s);
      ASSERT_EQ(got.command, "forwarded") << got;
      ASSERT_EQ(got.body.at("command"), "here") << address << " from " << from << " after " << moves << ": " << got;
      EXPECT_EQ(got.body.at("body").at("node"), place) << address << ": " << got;
      EXPECT_EQ(got.body.at("body").at("moves"), moves) << address << ": " << got;
      const auto direct = world.ask(address, "where");
      EXPECT_EQ(direct.command, "here") << address << ": " << direct;
    }
  }
  EXPECT_GE(addresses.size(), 6u) << "the actor has been on every node";
  EXPECT_EQ(world.places("t"), std::vector{place});
}

TEST(AT13Addresses, AnActorThatAnswersLaterAnswersFromItsNewPlaceToAnAskerThatMoved) {
  move_world world({.processes = 3});
  world.create("t", "Traveller", world.node(1));
  world.create("asker", "Generator", world.node(2));
  world.create("consumer", "Consumer", world.node(3));
  world.system().set_params("consumer", {{"limits", {{"asker", 40}}}});
  world.system().set_params("asker",
                            {{"gen_period", 0.02}, {"gen_limit", 40}, {"does_gen_ask", true}, {"consumer", "consumer"}});
  ASSERT_EQ(world.ask("asker", "start").command, "started");
  for (std::size_t i = 0; i < 10; ++i) {
    world.must_move("asker", world.node(1 + i % 3));
    world.must_move("consumer", world.node(1 + (i + 1) % 3));
  }
  answer got;
  EXPECT_TRUE(eventually(10s, [&] {
    got = world.ask("asker", "progress");
    return field(got, "left", -1) == 0 && field(got, "answered", 0) == 40;
  })) << got;
  const auto sum = world.ask("consumer", "sum_up");
  EXPECT_EQ(field(sum, "wrong", -1), 0) << sum;
  EXPECT_EQ(field(sum, "beats", -1), 40) << sum;
  EXPECT_TRUE(world.judge().good()) << world.judge();
}

TEST(AT13Addresses, ARemovedActorIsGoneFromEveryPlaceItHasBeen) {
  move_world world({.processes = 2});
  world.create("t", "Traveller", world.node(1));
  for (const std::size_t to : {2, 0, 1, 2}) {
    world.must_move("t", world.node(to));
  }
  ASSERT_EQ(world.ask(world.node(2), "remove_actor", {{"name", "t"}}).command, "actor_is_removed");
  for (const auto& node : world.nodes()) {
    const auto got = world.ask({{"node", node}, {"entity", "t"}}, "where");
    EXPECT_EQ(got.command, "actor_is_not_found") << got;
  }
  // The name is free, and a new actor of it is not taken for the old one.
  world.create("t", "Traveller", world.node(1));
  const auto here = world.where("t");
  EXPECT_EQ(here.value("moves", -1), 0) << here;
  world.must_move("t", world.node(2));
  EXPECT_EQ(world.where("t").value("moves", -1), 1);
}

} // namespace
