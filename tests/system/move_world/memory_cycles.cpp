#include "tests/system/move_world/memory_cycles.hpp"

#include "tests/system/harness/proc_table.hpp"
#include "tests/system/move_world/beat_run.hpp"
#include "tests/system/move_world/move_world.hpp"

#include <gtest/gtest.h>

#include <iostream>
#include <map>

namespace system_test {

namespace {

/// Memory and descriptors of each process of a system.
struct use {
  std::string name;
  long kib = 0;
  std::size_t descriptors = 0;
};

std::map<pid_t, use> used_by(move_world& world) {
  std::map<pid_t, use> out;
  std::map<std::string, pid_t> pids{{"daemon", world.system().daemon().pid()}};
  for (const auto& node : world.nodes()) {
    pids[node] = world.system().pid_of(node);
  }
  for (const auto& [name, pid] : pids) {
    out[pid] = use{name, resident_kib(pid), open_descriptors(pid).size()};
  }
  return out;
}

/// What allocators keep at hand and tables that have grown to their size. A leak of 64 bytes a cycle is above it in the long
/// run only (the soak).
constexpr long slack_kib = 3 * 1024;

void compare(const std::map<pid_t, use>& before, const std::map<pid_t, use>& after, int cycles) {
  for (const auto& [pid, then] : before) {
    ASSERT_TRUE(after.count(pid) == 1) << then.name << " is another process now";
    const auto& now = after.at(pid);
    const long grown = now.kib - then.kib;
    std::cout << then.name << ": " << then.kib << " -> " << now.kib << " KiB, " << then.descriptors << " -> "
              << now.descriptors << " descriptors over " << cycles << " cycles\n";
    // 64 bytes a cycle would be a leak that matters; the slack is for what is not per cycle.
    EXPECT_LT(grown, slack_kib + cycles * 64L / 1024) << then.name;
    EXPECT_LE(now.descriptors, then.descriptors + 5) << then.name;
  }
}

} // namespace

void create_and_remove(int cycles) {
  move_world world({.records = false});
  constexpr int batch = 500;
  json names = json::array();
  for (int i = 0; i < batch; ++i) {
    names.push_back("short_lived_" + std::to_string(i));
  }
  world.system().create_actor(head_node, "watcher", "Collector");
  std::map<pid_t, use> before;
  int done = 0;
  for (int round = 0; done < cycles; ++round, done += batch) {
    if (done >= cycles / 10 && before.empty()) {
      before = used_by(world);
    }
    const auto& node = world.node(1 + static_cast<std::size_t>(round) % 2);
    const auto made = world.ask(
      node, "create_actors", {{"class_desc", class_of("move_actors ==1.0.0", "Traveller")}, {"names", names}}, 20s);
    ASSERT_EQ(made.command, "actors_are_created") << made;
    // Some have what could be left behind.
    for (int i = 0; i < batch; i += 50) {
      const auto name = names[static_cast<std::size_t>(i)].get<std::string>();
      ASSERT_EQ(world.ask(name, "start_ticks", {{"period", 0.05}}).command, "started");
      ASSERT_EQ(world.ask(name, "start_timer", {{"seconds", 3600}}).command, "started");
      ASSERT_EQ(world.ask(name, "subscribe", {{"command", "tick"}, {"subscriber", "watcher"}}).command, "subscribed");
    }
    for (const auto& name : names) {
      const auto removed = world.ask(node, "remove_actor", {{"name", name}});
      ASSERT_EQ(removed.command, "actor_is_removed") << removed;
    }
    ASSERT_EQ(world.ask("watcher", "clear").command, "cleared"); // else it grows with the time that this takes
  }
  compare(before, used_by(world), cycles - cycles / 10);
}

void move_about(int cycles) {
  move_world world({.records = false});
  constexpr int actors = 20;
  json targets = json::array();
  for (int i = 0; i < actors; ++i) {
    const auto name = "t_" + std::to_string(i);
    world.create(name, "Traveller", world.node(1));
    ASSERT_EQ(world.ask(name, "start_ticks", {{"period", 0.2}}).command, "started");
    ASSERT_EQ(world.ask(name, "start_timer", {{"seconds", 3600}}).command, "started");
    ASSERT_EQ(world.ask(name, "subscribe", {{"command", "no_such"}, {"subscriber", "t_0"}}).command, "subscribed");
    targets.push_back({{"name", name}, {"class", "Traveller"}});
  }
  world.create("mover", "Mover", head_node);
  json nodes = world.nodes();
  nodes.push_back(nullptr);
  world.system().set_params("mover", {{"targets", targets},
                                      {"nodes", nodes},
                                      {"packages", {"move_actors ==1.0.0", "move_actors_twin"}},
                                      {"admins", json::array({head_node})},
                                      {"period", 0.001},
                                      {"most_at_once", 8}});
  ASSERT_EQ(world.ask("mover", "start").command, "started");
  std::map<pid_t, use> before;
  answer got;
  const auto moved = [&] {
    got = world.ask("mover", "count");
    const json answers = field(got, "answers", json::object());
    return answers.value("actor_is_recreated", 0);
  };
  // A move is remembered for as long as a whole one may take, so memory grows to its level for that time.
  constexpr auto remembered = 14s;
  const auto begin = clock::now();
  EXPECT_TRUE(eventually(60s, [&] { return moved() >= cycles / 10 && since(begin) > remembered; })) << got;
  before = used_by(world);
  const auto first = moved();
  EXPECT_TRUE(eventually(milliseconds(10'000 + cycles * 20), [&] { return moved() >= first + cycles; })) << got;
  EXPECT_EQ(world.ask("mover", "stop").command, "stopped");
  EXPECT_TRUE(eventually(10s, [&] { return moved() > 0 && field(got, "moving", json{"?"}).empty(); })) << got;
  std::cout << got.body.dump() << "\n";
  for (const auto& [reason, count] : got.body.at("answers").items()) {
    EXPECT_TRUE(reason == "actor_is_recreated" || reason == "actor_is_not_recreated") << got;
  }
  compare(before, used_by(world), cycles);
}

} // namespace system_test
