// What an actor takes along, and what the asker is told.
#include "tests/system/move_world/move_world.hpp"

#include <gtest/gtest.h>

#include <future>

namespace {

using namespace system_test;

TEST(Move, KeepsParametersStateAndCountsLocallyAndRemotely) {
  move_world world;
  world.create("t", "Traveller", world.node(1));
  world.system().set_params("t", {{"note", "a note"}});
  const json learnt{{"deep", {1, 2.5, nullptr, "ü\n"}}, {"bytes", {{"$bytes", "AAEC/w=="}}}};
  ASSERT_EQ(world.ask("t", "learn", learnt).command, "learnt");
  int moves = 0;
  for (const json& to : {json(world.node(2)), json(nullptr), json(head_node), json(world.node(1)), json(world.node(1))}) {
    world.must_move("t", to);
    const auto here = world.where("t");
    ++moves;
    EXPECT_EQ(here.value("moves", -1), moves) << here;
    EXPECT_EQ(here.value("births", -1), 1) << here;
    EXPECT_EQ(here.value("note", ""), "a note");
    EXPECT_EQ(here.value("learnt", json()), learnt) << "bytes are still bytes";
    if (!to.is_null()) {
      EXPECT_EQ(here.value("node", ""), to);
    }
  }
}

TEST(Move, TellsTheMidOfTheRequestAndTheNodeWhereItLivesNow) {
  move_world world;
  world.create("t", "Traveller", world.node(1));
  const auto got = world.move("t", world.node(2));
  ASSERT_EQ(got.command, "actor_is_recreated") << got;
  EXPECT_EQ(got.body.value("node", ""), world.node(2)) << got;
  EXPECT_FALSE(got.body.value("mid", "").empty()) << got;
  const auto stays = world.move("t", "first.process_77.admin");
  ASSERT_EQ(stays.command, "actor_is_not_recreated") << stays;
  EXPECT_EQ(stays.body.value("node", ""), world.node(2)) << stays;
  EXPECT_FALSE(stays.body.value("reason", "").empty()) << stays;
  EXPECT_EQ(world.where("t").value("node", ""), world.node(2));
}

TEST(Move, CanBeAskedOfAnyAdmin) {
  move_world world({.processes = 3});
  world.create("t", "Traveller", world.node(1));
  for (const auto& admin : world.nodes()) {
    for (const auto& to : {world.node(2), world.node(1)}) {
      world.must_move("t", to, admin);
      EXPECT_EQ(world.where("t").value("node", ""), to) << "asked of " << admin;
    }
  }
}

TEST(Move, OfNobodyOrWithABadBodyIsAnsweredAtOnce) {
  move_world world({.processes = 1});
  for (const auto& admin : world.nodes()) {
    auto got = world.move("nobody", world.node(1), admin);
    EXPECT_TRUE(got.is("actor_is_not_recreated") || got.is("actor_is_not_found")) << got;
    EXPECT_LT(got.took, scaled(2s));
    for (const json& body : {json(nullptr), json::object(), json{{"entity", 7}}, json{{"entity", "x"}, {"node", 7}},
                             json{{"entity", "x"}, {"class_desc", "y"}}}) {
      got = world.ask(admin, "recreate_actor", body);
      EXPECT_TRUE(got.is("bad_request") || got.is("actor_is_not_recreated")) << body << ": " << got;
    }
  }
}

TEST(Move, ToAClassThatThereIsNotIsRefusedAndTheActorWorksOn) {
  move_world world;
  world.create("t", "Traveller", world.node(1));
  for (const json& desc : {class_of("no_such_package", "Traveller"), class_of("move_actors", "NoSuchClass"),
                           class_of("move_actors ==9.9", "Traveller")}) {
    const auto got = world.move("t", world.node(2), head_node, desc);
    EXPECT_EQ(got.command, "actor_is_not_recreated") << desc << ": " << got;
    EXPECT_FALSE(field(got, "reason", std::string()).empty()) << got;
  }
  EXPECT_EQ(world.where("t").value("node", ""), world.node(1));
  EXPECT_EQ(world.places("t"), std::vector{world.node(1)});
}

TEST(Move, ASaveOrRestoreThatThrowsRefusesItAndTheActorWorksOnWithItsState) {
  move_world world;
  for (const std::string name : {"BadSave", "BadRestore"}) {
    world.create(name, name, world.node(1));
    for (int n = 1; n <= 3; ++n) {
      ASSERT_EQ(field(world.ask(name, "add"), "count", -1), n);
      const auto got = world.move(name, n % 2 == 0 ? json() : json(world.node(2)));
      ASSERT_EQ(got.command, "actor_is_not_recreated") << name << ": " << got;
      EXPECT_NE(field(got, "reason", std::string()).find("on purpose"), std::string::npos) << got;
      EXPECT_EQ(field(got, "node", std::string()), world.node(1)) << got;
    }
    const auto got = world.ask(name, "add");
    EXPECT_EQ(field(got, "count", -1), 4) << got;
    EXPECT_EQ(field(got, "moves", -1), 0) << got;
    EXPECT_EQ(field(got, "node", std::string()), world.node(1)) << got;
    EXPECT_EQ(world.places(name), std::vector{world.node(1)}) << "the replica is gone";
  }
}

TEST(Move, AnActorThatStaysSaysWhy) {
  move_world world;
  world.create("s", "StaysHome", world.node(1));
  world.system().set_params("s", {{"reason", "its soup is on the stove"}});
  const auto got = world.move("s", world.node(2));
  EXPECT_EQ(got.command, "actor_is_not_recreated") << got;
  EXPECT_NE(field(got, "reason", std::string()).find("soup"), std::string::npos) << got;
  world.system().set_params("s", {{"reason", ""}});
  world.must_move("s", world.node(2));
  EXPECT_EQ(field(world.ask("s", "add"), "node", std::string()), world.node(2));
}

TEST(Move, ThatThrowsOnArrivalLeavesExactlyOneCopyWithTheState) {
  move_world world;
  world.create("s", "SlowMoved", world.node(1));
  ASSERT_EQ(field(world.ask("s", "add"), "count", -1), 1);
  world.system().set_params("s", {{"throws", true}});
  const auto got = world.move("s", world.node(2));
  EXPECT_TRUE(got.is("actor_is_recreated") || got.is("actor_is_not_recreated")) << got;
  const auto sum = world.ask("s", "add");
  EXPECT_EQ(field(sum, "count", -1), 2) << sum;
  EXPECT_EQ(world.places("s").size(), 1u);
  EXPECT_EQ(field(sum, "node", std::string()), field(got, "node", std::string("?"))) << got << sum;
}

/// The head commits to a replica that the target has dropped meanwhile: the actor comes back by its policy.
TEST(Move, ToAReplicaThatIsGoneAtTheCommitMakesTheActorAnew) {
  move_world world({.config = {{"test", {{"faults", true}}}}});
  world.create("t", "Traveller", world.node(1));
  ASSERT_EQ(world.where("t").value("births", -1), 1);
  const json head{{"node", "first.main.daemon"}, {"entity", nullptr}};
  const auto armed = world.ask(head, "set_fault", {{"point", "move.head.before_commit"}, {"action", "wait_ms:1500"}});
  ASSERT_EQ(armed.command, "fault_is_set") << armed;
  auto moving = std::async(std::launch::async, [&] { return world.move("t", world.node(2)); });
  const json mover{{"node", world.node(2)}, {"entity", "troupe.mover"}};
  while (moving.wait_for(20ms) != std::future_status::ready) {
    for (std::uint64_t incarnation = 0x10001; incarnation < 0x10008; ++incarnation) { // of the source: numbers begin there
      (void)world.ask(mover, "drop_replica", {{"name", "t"}, {"move", (incarnation << 32) + 1}}, 1s);
    }
  }
  const auto told = moving.get();
  EXPECT_TRUE(told.is("actor_is_recreated") || told.is("actor_is_not_recreated") || told.is("undecided")) << told;
  ASSERT_TRUE(eventually(5s, [&] { return world.ask("t", "where", nullptr, 500ms).is("here"); }));
  EXPECT_EQ(world.where("t").value("node", ""), world.node(2)) << told;
  EXPECT_EQ(world.where("t").value("moves", -1), 0) << "made anew";
  EXPECT_EQ(world.places("t").size(), 1u);
}

TEST(Move, WaitingAsksOfOthersAreAnsweredByTheNewCopy) {
  move_world world;
  world.create("t", "Traveller", world.node(1));
  auto working = std::async(std::launch::async, [&] { return world.ask("t", "work", {{"seconds", 0.5}}, 10s); });
  ASSERT_TRUE(eventually(3s, [&] { return world.ask("t", "where", nullptr, 50ms).is("timer"); }));
  std::vector<std::future<answer>> waiting;
  for (int i = 0; i < 20; ++i) {
    waiting.push_back(std::async(std::launch::async, [&] { return world.ask("t", "hear", nullptr, 10s); }));
  }
  world.must_move("t", world.node(2));
  const auto worked = working.get();
  EXPECT_EQ(worked.command, "worked") << worked;
  EXPECT_EQ(field(worked, "node", std::string()), world.node(1)) << "it ended where it had begun";
  for (auto& one : waiting) {
    const auto got = one.get();
    EXPECT_EQ(got.command, "heard") << got;
  }
  EXPECT_EQ(world.where("t").value("heard", -1), 20) << "each once";
}

TEST(Move, ObserversAndTickersComeAlong) {
  move_world world;
  world.create("t", "Traveller", world.node(1));
  world.system().create_actor(head_node, "watcher", "Collector");
  const auto subscribed = world.ask("t", "subscribe", {{"command", "learn"}, {"subscriber", "watcher"}});
  ASSERT_EQ(subscribed.command, "subscribed") << subscribed;
  world.must_move("t", world.node(2));
  ASSERT_EQ(world.ask("t", "learn", 1).command, "learnt");
  world.must_move("t", nullptr);
  ASSERT_EQ(world.ask("t", "learn", 2).command, "learnt");
  answer kept;
  EXPECT_TRUE(eventually(3s, [&] {
    kept = world.ask("watcher", "collected");
    return kept.body.at("messages").size() == 2;
  })) << kept;
}

} // namespace
