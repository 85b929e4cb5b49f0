// Emptying a process: everybody who can leave does, and the others are named.
#include "tests/system/move_world/move_world.hpp"

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <utility>

namespace {

using namespace system_test;

json names_of(const std::string& prefix, int count) {
  json out = json::array();
  for (int i = 0; i < count; ++i) {
    out.push_back(prefix + std::to_string(i));
  }
  return out;
}

void create_all(const move_world& world, const json& names, const std::string& class_name, const std::string& node) {
  const auto made = world.ask(node, "create_actors",
                              {{"class_desc", class_of("move_actors ==1.0.0", class_name)}, {"names", names}}, 20s);
  ASSERT_EQ(made.command, "actors_are_created") << made;
}

void set(const move_world& world, const json& actor, const json& params) {
  const auto got = world.ask(actor, "set_params", params_body(params), 10s);
  ASSERT_EQ(got.command, "params_are_set") << actor << ": " << got;
}

/// Each talks to three others, with sends and with asks.
void begin_talk(const move_world& world, const json& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    json peers = json::array();
    for (const std::size_t step : {1U, 7U, 20U}) {
      peers.push_back(names[(i + step) % names.size()]);
    }
    set(world, names[i], {{"peers", peers}, {"period", 0.02}, {"burst", 2}, {"ask_every", 5}});
  }
  for (const auto& name : names) {
    const auto got = world.ask(name, "start", nullptr, 10s);
    ASSERT_EQ(got.command, "started") << got;
  }
}

int said_by(const move_world& world, const json& names) {
  int sum = 0;
  for (const auto& name : names) {
    sum += field(world.ask(name, "progress", nullptr, 10s), "said", 0);
  }
  return sum;
}

/// Waits until all of them together have said so much more.
void wait_for_talk(const move_world& world, const json& names, int more) {
  const int wanted = said_by(world, names) + more;
  int said = 0;
  ASSERT_TRUE(eventually(20s, [&] { return (said = said_by(world, names)) >= wanted; })) << said;
}

/// Ends the sending, and waits until nothing is on its way any more.
void end_talk(const move_world& world, const json& names) {
  for (const auto& name : names) {
    const auto got = world.ask(name, "stop", nullptr, 10s);
    ASSERT_EQ(got.command, "stopped") << name << ": " << got;
  }
  json before;
  ASSERT_TRUE(eventually(30s, [&] {
    json now = json::array();
    for (const auto& name : names) {
      const auto got = world.ask(name, "progress", nullptr, 10s);
      now.push_back({field(got, "said", -1), field(got, "heard", -1)});
    }
    return std::exchange(before, now) == now;
  })) << before;
}

TEST(ATDrain, AProcessOfFiftyTalkingActorsIsEmptiedButForTheOneThatStays) {
  move_world world;
  const auto talkers = names_of("talker_", 50);
  create_all(world, talkers, "Chatter", world.node(1));
  world.create("homebody", "StaysHome", world.node(1));
  world.system().set_params("homebody", {{"reason", "its soup is on the stove"}});
  begin_talk(world, talkers);
  wait_for_talk(world, talkers, 300);
  const auto got = world.ask(head_node, "drain_process", {{"node", world.node(1)}}, 60s);
  ASSERT_EQ(got.command, "process_is_drained") << got;
  EXPECT_EQ(field(got, "node", std::string()), world.node(1)) << got;
  EXPECT_EQ(field(got, "moved", -1), 50) << got;
  const auto stays = field(got, "not_moved", json());
  ASSERT_EQ(stays.size(), 1u) << got;
  EXPECT_EQ(stays[0].value("name", ""), "homebody");
  EXPECT_NE(stays[0].value("reason", "").find("soup"), std::string::npos) << got;
  std::map<std::string, int> at;
  for (const auto& name : talkers) {
    const auto here = world.ask(name, "progress", nullptr, 10s);
    ASSERT_EQ(here.command, "progress") << name << ": " << here;
    EXPECT_GT(field(here, "ticks", 0), 0) << name << ": " << here;
    ++at[field(here, "node", std::string())];
  }
  EXPECT_EQ(at, (std::map<std::string, int>{{head_node, 25}, {world.node(2), 25}})) << "the others in turn";
  EXPECT_EQ(world.places("homebody"), std::vector{world.node(1)});
  EXPECT_EQ(field(world.ask("homebody", "add"), "count", -1), 1);
  const auto after = world.ask(world.node(1), "get_drain");
  EXPECT_EQ(after.body,
            json({{"node", world.node(1)}, {"running", false}, {"total", 51}, {"moved", 50}, {"not_moved", stays}}));
  wait_for_talk(world, talkers, 300);
  end_talk(world, talkers);
  const auto found = world.end_and_judge();
  EXPECT_TRUE(found.good()) << found;
  EXPECT_GE(found.received, 600u) << found;
}

TEST(ATDrain, GoesOnWithoutItsAskerAndIsTheOnlyOneMeanwhile) {
  move_world world;
  const auto& node = world.node(1);
  EXPECT_EQ(world.ask(node, "get_drain").body,
            json({{"node", node}, {"running", false}, {"total", 0}, {"moved", 0}, {"not_moved", json::array()}}));
  const auto names = names_of("t", 12);
  create_all(world, names, "Traveller", node);
  auto working = std::async(std::launch::async, [&] { return world.ask("t0", "work", {{"seconds", 2}}, 20s); });
  ASSERT_TRUE(eventually(3s, [&] { return world.ask("t0", "where", nullptr, 50ms).is("timer"); }));
  const auto given_up = world.ask(node, "drain_process", {{"to", {world.node(2)}}}, 100ms);
  EXPECT_EQ(given_up.command, "timer") << given_up;
  const auto running = world.ask(node, "get_drain");
  EXPECT_EQ(field(running, "running", false), true) << running;
  EXPECT_EQ(field(running, "total", -1), 12) << running;
  const auto second = world.ask(head_node, "drain_process", {{"node", node}});
  EXPECT_EQ(second.command, "process_is_not_drained") << second;
  EXPECT_NE(field(second, "reason", std::string()).find("already"), std::string::npos) << second;
  world.create("newcomer", "Traveller", node);
  answer end;
  EXPECT_TRUE(eventually(10s, [&] {
    end = world.ask(node, "get_drain");
    return field(end, "moved", -1) == 11;
  })) << "one that is busy holds up nobody else: " << end;
  EXPECT_EQ(field(end, "running", false), true) << end;
  EXPECT_EQ(working.get().command, "worked");
  EXPECT_TRUE(eventually(20s, [&] {
    end = world.ask(node, "get_drain");
    return field(end, "running", true) == false;
  })) << end;
  EXPECT_EQ(field(end, "moved", -1), 12) << end;
  EXPECT_EQ(world.where("newcomer").value("node", ""), node) << "who came meanwhile may stay";
  for (const auto& name : names) {
    EXPECT_EQ(world.places(name), std::vector{world.node(2)});
  }
  const auto next = world.ask(node, "drain_process", {{"to", {head_node}}}, 20s);
  EXPECT_EQ(next.command, "process_is_drained") << "it can be asked for again: " << next;
  EXPECT_EQ(world.where("newcomer").value("node", ""), head_node);
}

TEST(ATDrain, TellsOfEachActorThatItsTargetDoesNotTake) {
  move_world world({.processes = 1});
  for (const auto* name : {"a", "b", "c"}) {
    world.create(name, "Traveller", world.node(1));
  }
  const auto got = world.ask(world.node(1), "drain_process", {{"to", {"first.nothing.admin"}}}, 30s);
  ASSERT_EQ(got.command, "process_is_drained") << got;
  EXPECT_EQ(field(got, "moved", -1), 0) << got;
  const auto stays = field(got, "not_moved", json::array());
  EXPECT_EQ(stays.size(), 3u) << got;
  for (const auto& one : stays) {
    EXPECT_FALSE(one.value("reason", "").empty()) << got;
    EXPECT_EQ(world.where(one.at("name")).value("node", ""), world.node(1));
  }
}

TEST(ATDrain, AnActorThatWaitsForTheAnswerStaysAndHoldsNobodyUp) {
  move_world world;
  world.create("a", "Traveller", world.node(1));
  world.system().create_actor(world.node(1), "waiter", "Echo");
  const json order{{"to", world.node(1)}, {"command", "drain_process"}, {"body", json::object()}, {"timeout", 30}};
  const auto got = world.ask("waiter", "forward_ask", order, 30s);
  ASSERT_EQ(field(got, "command", std::string()), "process_is_drained") << got;
  EXPECT_LT(got.took, scaled(5s)) << "no move was tried that had to wait for its own end";
  const auto body = field(got, "body", json::object());
  EXPECT_EQ(body.value("moved", -1), 1) << got;
  ASSERT_EQ(body.value("not_moved", json::array()).size(), 1u) << got;
  EXPECT_EQ(body["not_moved"][0].value("name", ""), "waiter") << got;
}

TEST(ATDrain, OfNobodyToNowhereOrWithABadBodyIsAnsweredAtOnce) {
  move_world world({.processes = 0});
  auto got = world.ask(head_node, "drain_process");
  EXPECT_EQ(got.command, "process_is_not_drained") << "there is no other process: " << got;
  EXPECT_FALSE(field(got, "reason", std::string()).empty()) << got;
  EXPECT_EQ(field(world.ask(head_node, "get_drain"), "running", true), false);
  got = world.ask(head_node, "drain_process", {{"node", "first.nothing.admin"}});
  EXPECT_EQ(got.command, "process_is_not_drained") << got;
  EXPECT_NE(field(got, "reason", std::string()).find("no node first.nothing.admin"), std::string::npos) << got;
  for (const json& body : {json(7), json{{"node", 7}}, json{{"node", ""}}, json{{"to", "x"}}, json{{"to", {7}}},
                           json{{"to", json::array()}}, json{{"to", {head_node}}}}) {
    got = world.ask(head_node, "drain_process", body);
    EXPECT_EQ(got.command, "bad_request") << body << ": " << got;
  }
}

} // namespace
