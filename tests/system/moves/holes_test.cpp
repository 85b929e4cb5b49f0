// The holes of the model's move (PEACEPIE 6.7), one test each; docs/holes.md lists all of them.
#include "tests/system/move_world/move_world.hpp"

#include <gtest/gtest.h>

#include <future>

namespace {

using namespace system_test;

class MoveHoles : public testing::Test {
protected:
  std::future<answer> later(const json& to, const std::string& command, const json& body = nullptr,
                            milliseconds limit = 10s) {
    return std::async(std::launch::async, [=, this] { return world.ask(to, command, body, limit); });
  }
  /// Asks from inside of a node, as an actor there does.
  answer from(const std::string& speaker, const json& to, const std::string& command) {
    return world.ask(speaker, "forward_ask", {{"to", to}, {"command", command}, {"timeout", 3}}, 6s);
  }
  void speaker(const std::string& name, const std::string& node) { world.create(name, "Echo", node, "test_actors"); }
  void expect_good() {
    const auto found = world.judge();
    EXPECT_TRUE(found.good()) << found;
  }

  move_world world{move_options{.processes = 3}};
};

TEST_F(MoveHoles, M1H2_AfterALocalMoveNobodyHoldsTheOldMailbox) {
  speaker("near", world.node(2));
  speaker("far", world.node(1));
  world.create("t", "Traveller", world.node(1));
  for (int round = 0; round < 5; ++round) {
    // It has arrived from elsewhere, is cached by its neighbour, and is then replaced where it is.
    world.must_move("t", world.node(2));
    EXPECT_EQ(from("near", "t", "where").body.at("command"), "here");
    world.must_move("t", nullptr);
    for (const auto* name : {"near", "far"}) {
      for (int i = 0; i < 5; ++i) {
        const auto got = from(name, "t", "where");
        ASSERT_EQ(got.body.at("command"), "here") << name << ": " << got;
        EXPECT_EQ(got.body.at("body").at("moves"), 4 * round + 2) << got;
      }
    }
    world.must_move("t", world.node(1));
    world.must_move("t", nullptr);
  }
}

TEST_F(MoveHoles, M2H1_MessagesOnTheirWayToTheOldPlaceArrive) {
  for (std::size_t i = 0; i < world.nodes().size(); ++i) {
    world.create("sender_" + std::to_string(i), "Traveller", world.node(i));
  }
  world.create("t", "Traveller", world.node(1));
  constexpr int pours = 12;
  constexpr int each = 500;
  for (int round = 0; round < pours; ++round) {
    std::vector<std::future<answer>> pouring;
    for (std::size_t i = 0; i < world.nodes().size(); ++i) {
      pouring.push_back(later("sender_" + std::to_string(i), "say", {{"to", "t"}, {"count", each}}));
    }
    world.must_move("t", world.node(1 + (static_cast<std::size_t>(round) + 1) % 3));
    for (auto& one : pouring) {
      EXPECT_EQ(one.get().command, "said");
    }
  }
  const int all = pours * each * static_cast<int>(world.nodes().size());
  EXPECT_TRUE(eventually(20s, [&] { return world.where("t").value("heard", 0) == all; })) << world.where("t");
  expect_good();
}

TEST_F(MoveHoles, M4_ABusyActorsMessageIsHandledOnce) {
  world.create("t", "Traveller", world.node(1));
  for (const std::string how : {"work", "block"}) {
    auto working = later("t", how, {{"seconds", 0.4}});
    ASSERT_TRUE(eventually(3s, [&] { return world.ask("t", "where", nullptr, 50ms).is("timer"); }));
    const auto got = world.move("t", world.node(2));
    EXPECT_TRUE(got.is("actor_is_recreated")) << got;
    const auto worked = working.get();
    EXPECT_EQ(worked.command, "worked") << worked;
    world.must_move("t", world.node(1));
  }
  const auto here = world.where("t");
  EXPECT_EQ(here.value("begun", -1), 2) << here;
  EXPECT_EQ(here.value("done", -1), 2) << here;
}

TEST_F(MoveHoles, M5_AHandlerThatTakesTooLongIsNeitherCutNorRunAgain) {
  world.create("t", "Traveller", world.node(1));
  auto working = later("t", "work", {{"seconds", 5}}, 15s);
  ASSERT_TRUE(eventually(3s, [&] { return world.ask("t", "where", nullptr, 50ms).is("timer"); }));
  const auto got = world.move("t", world.node(2));
  EXPECT_EQ(got.command, "actor_is_not_recreated") << "the freeze has a time limit: " << got;
  EXPECT_LT(got.took, scaled(4500ms)) << got;
  EXPECT_EQ(field(got, "node", std::string()), world.node(1)) << got;
  const auto worked = working.get();
  EXPECT_EQ(worked.command, "worked") << worked;
  const auto here = world.where("t");
  EXPECT_EQ(here.value("begun", -1), 1) << here;
  EXPECT_EQ(here.value("done", -1), 1) << here;
  EXPECT_EQ(here.value("node", ""), world.node(1)) << here;
  EXPECT_EQ(world.places("t"), std::vector{world.node(1)});
}

TEST_F(MoveHoles, M5_AHandlerThatHoldsItsThreadIsNeitherCutNorRunAgain) {
  world.create("t", "Traveller", world.node(1));
  auto working = later("t", "block", {{"seconds", 5}}, 15s);
  ASSERT_TRUE(eventually(3s, [&] { return world.ask("t", "where", nullptr, 50ms).is("timer"); }));
  // Nothing can look into such a handler: the move takes place after it, or is refused.
  const auto got = world.move("t", world.node(2));
  EXPECT_TRUE(got.is("actor_is_recreated") || got.is("actor_is_not_recreated")) << got;
  EXPECT_LT(got.took, scaled(11s)) << got;
  EXPECT_EQ(working.get().command, "worked");
  const auto here = world.where("t");
  EXPECT_EQ(here.value("begun", -1), 1) << here;
  EXPECT_EQ(here.value("done", -1), 1) << here;
  EXPECT_EQ(here.value("node", ""), field(got, "node", std::string("?"))) << got;
  EXPECT_EQ(world.places("t").size(), 1u);
}

TEST_F(MoveHoles, M6H4_ATargetThatAnswersLateLeavesNoGhost) {
  world.create("t", "Traveller", world.node(1));
  const pid_t target = world.system().pid_of(world.node(2));
  ASSERT_NE(target, 0);
  // Shorter than the verdict: the target comes back, and answers what nobody waits for any more.
  auto moving = std::async(std::launch::async, [&] { return world.move("t", world.node(2), head_node, nullptr, 300ms); });
  ASSERT_EQ(kill(target, SIGSTOP), 0);
  // sleep: the length of the stop is what is tested
  std::this_thread::sleep_for(600ms);
  ASSERT_EQ(kill(target, SIGCONT), 0);
  const auto got = moving.get();
  EXPECT_NE(got.command, "") << got;
  // The answer may have been `undecided`; in the end there is one, and it is where everybody finds it.
  speaker("there", world.node(2));
  int found = 0;
  EXPECT_TRUE(eventually(12s, [&] {
    const auto seen = from("there", "t", "where");
    EXPECT_EQ(seen.body.at("command"), "here") << seen;
    const auto places = world.places("t");
    const bool agree = places.size() == 1 && world.where("t").value("node", "") == places.front() &&
                       seen.body.at("body").value("node", "") == places.front();
    found = agree ? found + 1 : 0;
    return found == 5;
  })) << got;
  world.must_move("t", world.node(2));
  world.must_move("t", world.node(3));
}

TEST_F(MoveHoles, M7M8_AMoveThatFailsLeavesTheActorReachableFromEverywhere) {
  for (std::size_t i = 0; i < world.nodes().size(); ++i) {
    speaker("speaker_" + std::to_string(i), world.node(i));
  }
  for (const std::string name : {"BadSave", "BadRestore"}) {
    world.create(name, name, world.node(1));
    EXPECT_EQ(world.move(name, world.node(2)).command, "actor_is_not_recreated");
    for (std::size_t i = 0; i < world.nodes().size(); ++i) {
      const auto got = from("speaker_" + std::to_string(i), name, "add");
      ASSERT_EQ(got.body.at("command"), "sum") << got;
      EXPECT_EQ(got.body.at("body").at("node"), world.node(1)) << got;
      EXPECT_EQ(got.body.at("body").at("count"), i + 1) << got;
    }
  }
}

TEST_F(MoveHoles, M10_OrderHoldsWhenAnActorComesBackByAnotherWay) {
  for (std::size_t i = 0; i < world.nodes().size(); ++i) {
    world.create("sender_" + std::to_string(i), "Traveller", world.node(i));
  }
  world.create("t", "Traveller", world.node(1));
  // A B A, A B C A and A B A B, with messages on every way.
  const std::vector<std::size_t> ways{2, 1, 2, 3, 1, 2, 1, 2, 3, 1};
  for (const auto to : ways) {
    std::vector<std::future<answer>> pouring;
    for (std::size_t i = 0; i < world.nodes().size(); ++i) {
      pouring.push_back(later("sender_" + std::to_string(i), "say", {{"to", "t"}, {"count", 300}}));
    }
    world.must_move("t", world.node(to));
    for (auto& one : pouring) {
      EXPECT_EQ(one.get().command, "said");
    }
  }
  const int all = static_cast<int>(ways.size() * 300 * world.nodes().size());
  EXPECT_TRUE(eventually(20s, [&] { return world.where("t").value("heard", 0) == all; })) << world.where("t");
  expect_good();
}

TEST_F(MoveHoles, M11_NobodyCanHaveTheNameAtTheTarget) {
  world.create("t", "Traveller", world.node(1));
  ASSERT_EQ(world.ask("t", "learn", "mine").command, "learnt");
  for (int round = 0; round < 6; ++round) {
    const auto& to = world.node(1 + static_cast<std::size_t>(round + 1) % 2);
    auto making = std::async(std::launch::async, [&] {
      std::vector<answer> out;
      for (int i = 0; i < 5; ++i) {
        out.push_back(world.ask(to, "create_actor", actor_body("t", "Traveller", "move_actors ==1.0.0"), 5s));
      }
      return out;
    });
    world.must_move("t", to);
    for (const auto& made : making.get()) {
      EXPECT_EQ(made.command, "actor_is_not_created") << made;
    }
    const auto here = world.where("t");
    EXPECT_EQ(here.value("learnt", ""), "mine") << here;
    EXPECT_EQ(here.value("node", ""), to) << here;
  }
  EXPECT_EQ(world.places("t").size(), 1u);
}

TEST_F(MoveHoles, M12_AMoveCanChangePackageAndVersionAlsoInOneProcess) {
  world.create("t", "Traveller", world.node(1));
  ASSERT_EQ(world.ask("t", "learn", "mine").command, "learnt");
  const auto is = [](const json& here, const std::string& package, const std::string& version) {
    EXPECT_EQ(here.value("package", ""), package) << here;
    EXPECT_EQ(here.value("version", ""), version) << here;
    EXPECT_EQ(here.value("learnt", ""), "mine") << here;
  };
  is(world.where("t"), "move_actors", "1.0.0");
  for (const json& to : {json(nullptr), json(world.node(2)), json(nullptr)}) {
    world.must_move("t", to, head_node, class_of("move_actors ==2.0.0", "Traveller"));
    is(world.where("t"), "move_actors", "2.0.0");
    world.must_move("t", nullptr, head_node, class_of("move_actors_twin", "Traveller"));
    is(world.where("t"), "move_actors_twin", "1.0.0");
    world.must_move("t", nullptr);
    is(world.where("t"), "move_actors_twin", "1.0.0");
    world.must_move("t", to, head_node, class_of("move_actors ==1.0.0", "Traveller"));
    is(world.where("t"), "move_actors", "1.0.0");
  }
}

TEST_F(MoveHoles, M13_WhatOnlyOneCanHoldIsHeldByExactlyOneAfterwards) {
  world.create("l", "LockHolder", world.node(1));
  world.system().set_params("l", {{"file", (world.system().folder().path() / "lock").string()}});
  ASSERT_EQ(world.ask("l", "lock").command, "locked");
  int moved = 0;
  std::string place = world.node(1);
  for (const json& to : {json(world.node(2)), json(nullptr), json(world.node(3)), json(world.node(1))}) {
    const auto got = world.move("l", to);
    if (got.is("actor_is_recreated")) {
      ++moved;
      place = field(got, "node", std::string());
    } else {
      EXPECT_EQ(got.command, "actor_is_not_recreated") << got;
    }
    const auto held = world.ask("l", "has_lock");
    EXPECT_TRUE(field(held, "has", false)) << got << held;
    EXPECT_EQ(field(held, "node", std::string()), place) << got << held;
    EXPECT_EQ(field(held, "births", -1), 1) << "pre_run is not for the moved: " << held;
  }
  EXPECT_EQ(moved, 4);
}

TEST_F(MoveHoles, M14H10_TickersAndTimersGoAlongAndFireOnce) {
  world.create("t", "Traveller", world.node(1));
  ASSERT_EQ(world.ask("t", "start_ticks", {{"period", 0.05}, {"count", 60}}).command, "started");
  const auto begin = clock::now();
  ASSERT_EQ(world.ask("t", "start_timer", {{"seconds", 1.5}, {"mid", "late"}}).command, "started");
  ASSERT_EQ(world.ask("t", "start_timer", {{"seconds", 0.05}, {"mid", "soon"}}).command, "started");
  std::size_t at = 0;
  while (since(begin) < 2500ms) {
    world.must_move("t", at % 3 == 2 ? json() : json(world.node(1 + at % 3)));
    ++at;
  }
  EXPECT_GT(at, 5u);
  EXPECT_TRUE(eventually(6s, [&] { return world.where("t").value("ticks", 0) >= 60; })) << world.where("t");
  EXPECT_GT(since(begin), 2900ms) << "60 ticks of 50 ms";
  // sleep: nothing more may come, so time has to pass
  std::this_thread::sleep_for(300ms);
  const auto here = world.where("t");
  EXPECT_EQ(here.value("ticks", -1), 60) << here;
  EXPECT_EQ(here.value("timers", json()), (json{"soon", "late"})) << here;
  for (const auto& node : world.nodes()) {
    EXPECT_EQ(world.ask(node, "get_dead_letters").body.value("count", -1), 0) << "no tick goes to a dead mailbox";
  }
}

TEST_F(MoveHoles, M15_TheExitHookOfTheOldCopyKeepsNobodyWaiting) {
  world.create("t", "Traveller", world.node(1));
  world.system().set_params("t", {{"exit_time", 3.0}});
  const auto got = world.move("t", world.node(2));
  EXPECT_EQ(got.command, "actor_is_recreated") << got;
  EXPECT_LT(got.took, scaled(1500ms)) << got;
  const auto here = world.ask("t", "where");
  EXPECT_EQ(here.command, "here") << here;
  EXPECT_LT(here.took, scaled(500ms));
  EXPECT_EQ(field(here, "node", std::string()), world.node(2));
}

TEST_F(MoveHoles, M16_AnActorMovesItselfAfterItsHandlerButCannotWaitForIt) {
  world.create("t", "Traveller", world.node(1));
  ASSERT_EQ(world.ask("t", "go", {{"node", world.node(2)}}).command, "going");
  json here;
  EXPECT_TRUE(eventually(5s, [&] {
    here = world.where("t");
    return here.value("node", "") == world.node(2) && !here.value("told", "").empty();
  })) << here;
  EXPECT_NE(here.value("told", "").find("accepted"), std::string::npos) << here;
  EXPECT_EQ(here.value("moves", -1), 1) << here;

  const auto got = world.ask("t", "ask_go", {{"node", world.node(3)}}, 10s);
  ASSERT_EQ(got.command, "told") << got;
  EXPECT_LT(got.took, scaled(1500ms)) << "refused at once";
  EXPECT_NE(got.body.at("command"), "actor_is_recreated") << got;
  EXPECT_NE(got.body.at("command"), "timer") << got;
  here = world.where("t");
  EXPECT_EQ(here.value("node", ""), world.node(2)) << here;
}

TEST_F(MoveHoles, M17_LargeStateAndLargeMessagesMoveWhole) {
  world.create("b", "Ballast", world.node(1));
  ASSERT_EQ(world.ask("b", "load", {{"size", 8 << 20}}, 20s).command, "loaded");
  auto holding = later("b", "hold", {{"seconds", 0.5}});
  ASSERT_TRUE(eventually(3s, [&] { return world.ask("b", "weigh", nullptr, 50ms).is("timer"); }));
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(world.system().send("b", "hit", {{"text", std::string(300'000, 'x')}}).status, 202) << i;
  }
  const auto got = world.move("b", world.node(2));
  ASSERT_EQ(got.command, "actor_is_recreated") << got;
  const auto weight = world.ask("b", "weigh", nullptr, 20s);
  EXPECT_EQ(field(weight, "size", 0), 8 << 20) << weight;
  EXPECT_TRUE(field(weight, "whole", false)) << weight;
  EXPECT_EQ(field(weight, "hits", -1), 20) << weight;
  EXPECT_EQ(field(weight, "node", std::string()), world.node(2)) << weight;
}

TEST_F(MoveHoles, M17_AStateAboveTheLimitIsRefusedAndTheActorWorksOn) {
  world.create("b", "Ballast", world.node(1));
  ASSERT_EQ(world.ask("b", "load", {{"size", 70 << 20}}, 60s).command, "loaded");
  const auto got = world.move("b", world.node(2), head_node, nullptr, 60s);
  EXPECT_TRUE(got.is("actor_is_not_recreated") || got.is("actor_is_recreated")) << got;
  const auto weight = world.ask("b", "weigh", nullptr, 20s);
  EXPECT_EQ(field(weight, "size", 0), 70 << 20) << weight;
  EXPECT_TRUE(field(weight, "whole", false)) << weight;
  EXPECT_EQ(field(weight, "node", std::string()), field(got, "node", std::string("?"))) << got << weight;
}

TEST_F(MoveHoles, M18_OneSlowMoveHoldsUpNoOther) {
  world.create("slow", "SlowMoved", world.node(1));
  world.system().set_params("slow", {{"seconds", 1.5}});
  world.create("busy", "Traveller", world.node(1));
  auto working = later("busy", "work", {{"seconds", 1.5}});
  ASSERT_TRUE(eventually(3s, [&] { return world.ask("busy", "where", nullptr, 50ms).is("timer"); }));
  for (int i = 0; i < 5; ++i) {
    world.create("quick_" + std::to_string(i), "Traveller", world.node(1));
  }
  auto slow = std::async(std::launch::async, [&] { return world.move("slow", world.node(2)); });
  auto busy = std::async(std::launch::async, [&] { return world.move("busy", world.node(2)); });
  const auto begin = clock::now();
  for (int i = 0; i < 5; ++i) {
    const auto got = world.move("quick_" + std::to_string(i), world.node(2));
    EXPECT_EQ(got.command, "actor_is_recreated") << got;
    EXPECT_LT(got.took, scaled(700ms)) << got;
  }
  EXPECT_LT(since(begin), scaled(1200ms));
  EXPECT_EQ(slow.get().command, "actor_is_recreated");
  EXPECT_EQ(busy.get().command, "actor_is_recreated");
  EXPECT_EQ(working.get().command, "worked");
}

} // namespace
