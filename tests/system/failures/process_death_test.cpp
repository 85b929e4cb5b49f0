#include "tests/system/failures/comeback.hpp"
#include "tests/system/harness/latency_watch.hpp"
#include "tests/system/harness/proc_table.hpp"
#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <future>

namespace {

using namespace system_test;

/// Three nodes beside the main one: the one to break, which does not come back, and two with an echo each.
class ProcessDeath : public testing::Test {
protected:
  ProcessDeath() {
    victim = create_process(system, {{"restart", "temporary"}});
    near = system.create_process();
    far = system.create_process();
    system.create_actor(victim, "on_victim", "Echo");
    system.create_actor(near, "on_near", "Echo");
    system.create_actor(far, "on_far", "Echo");
    // Links in all directions, and places in all caches.
    for (const auto* from : {"on_near", "on_far"}) {
      EXPECT_EQ(from_inside(from, "on_victim", "who").body.at("command"), "here_is");
    }
    EXPECT_EQ(from_inside("on_victim", "on_near", "who").body.at("command"), "here_is");
    victim_pid = system.pid_of(victim);
    EXPECT_NE(victim_pid, 0) << to_string(processes_below_us());
  }

  answer from_inside(const std::string& asker, const json& to, const std::string& command, const json& body = nullptr,
                     double timeout = 3) const {
    return system.ask(asker, "forward_ask", {{"to", to}, {"command", command}, {"body", body}, {"timeout", timeout}},
                      milliseconds(static_cast<int>(timeout * 1000) + 2000));
  }

  bool is_listed(const std::string& node) const {
    const auto all = system.ask(head_node, "get_all_nodes");
    const auto processes =
      system.ask(head_node, "get_members", {{"level", "process"}, {"page_size", 100}, {"id", head_node}});
    return all.body.dump().find(node) != std::string::npos || processes.body.dump().find(node) != std::string::npos;
  }

  test_system system;
  std::string victim;
  std::string near;
  std::string far;
  pid_t victim_pid = 0;
};

using AT9KilledProcess = ProcessDeath;
using AT10StoppedProcess = ProcessDeath;

void expect_definite(const answer& got) {
  ASSERT_EQ(got.command, "forwarded") << got;
  const auto command = got.body.at("command").get<std::string>();
  EXPECT_TRUE(command == "actor_has_failed" || command == "actor_is_not_found") << got;
}

TEST_F(AT9KilledProcess, AsksToItFailDefinitelyAndAtOnce) {
  std::vector<std::future<answer>> waiting;
  for (const auto* asker : {"on_near", "on_far"}) {
    waiting.push_back(std::async(std::launch::async, [this, asker] {
      return from_inside(asker, "on_victim", "sleep_for", {{"seconds", 30}}, 30);
    }));
  }
  waiting.push_back(std::async(std::launch::async, [this] {
    const auto got = system.ask("on_victim", "sleep_for", {{"seconds", 30}}, 30s);
    return got;
  }));
  // `sleep_for` holds the actor, so that a second question waits behind it: the questions have arrived.
  EXPECT_TRUE(eventually(3s, [this] { return system.ask("on_victim", "who", nullptr, 50ms).is("timer"); }));
  const auto killed = clock::now();
  ASSERT_EQ(kill(victim_pid, SIGKILL), 0);
  expect_definite(waiting[0].get());
  expect_definite(waiting[1].get());
  const auto direct = waiting[2].get();
  EXPECT_EQ(direct.command, "actor_has_failed") << direct;
  EXPECT_LT(since(killed), scaled(1000ms)) << "asks that were waiting learn of the death at once";

  for (int i = 0; i < 5; ++i) {
    const auto begin = clock::now();
    expect_definite(from_inside("on_near", "on_victim", "who"));
    expect_definite(from_inside("on_far", {{"node", victim}, {"entity", "on_victim"}}, "who"));
    expect_definite(from_inside("on_far", victim, "get_members", {{"page_size", 5}}));
    EXPECT_LT(since(begin), scaled(1500ms));
  }
}

TEST_F(AT9KilledProcess, EverythingElseKeepsItsPace) {
  latency_watch at_near(everyday_probes(system, near, "on_near"));
  latency_watch at_main(everyday_probes(system, head_node, "on_far"));
  ASSERT_TRUE(eventually(5s, [&] { return at_near.rounds() > 5 && at_main.rounds() > 5; }));
  ASSERT_EQ(kill(victim_pid, SIGKILL), 0);
  const int rounds = at_near.rounds();
  EXPECT_TRUE(eventually(10s, [&] { return at_near.rounds() > rounds + 40; }));
  at_near.stop();
  at_main.stop();
  for (const auto* watch : {&at_near, &at_main}) {
    EXPECT_TRUE(watch->wrong().empty()) << watch->wrong().front();
    EXPECT_LT(watch->slowest(), scaled(500ms)) << watch->slowest_what();
  }
}

TEST_F(AT9KilledProcess, ListingsDropItAndItsNamesAreFree) {
  ASSERT_TRUE(is_listed(victim));
  ASSERT_EQ(kill(victim_pid, SIGKILL), 0);
  EXPECT_TRUE(eventually(2s, [this] { return !is_listed(victim); })) << system.ask(head_node, "get_all_nodes");
  EXPECT_TRUE(eventually(
    2s, [this] { return system.ask(near, "create_actor", actor_body("on_victim", "Echo")).is("actor_is_created"); }));
  const auto got = from_inside("on_far", "on_victim", "who");
  ASSERT_EQ(got.body.at("command"), "here_is") << got;
  EXPECT_EQ(got.body.at("body").at("node"), near);
  const auto removed = system.ask(head_node, "remove_process", {{"node", victim}});
  EXPECT_EQ(removed.command, "process_is_not_removed") << removed;
}

TEST_F(AT9KilledProcess, ACrashInAPackageTakesOneNodeOnly) {
  system.create_actor(victim, "crasher", "Crasher");
  const auto got = system.ask("crasher", "crash", nullptr, 5s);
  EXPECT_EQ(got.command, "actor_has_failed") << got;
  EXPECT_LT(got.took, scaled(2500ms));
  EXPECT_TRUE(eventually(3s, [this] { return !is_alive(victim_pid); }));
  EXPECT_EQ(from_inside("on_near", "on_far", "who").body.at("command"), "here_is");
  EXPECT_NE(system.create_process(), "");
}

TEST_F(AT9KilledProcess, QuitStillEndsTheSystem) {
  ASSERT_EQ(kill(victim_pid, SIGKILL), 0);
  const auto begin = clock::now();
  const auto state = system.quit();
  EXPECT_EQ(state, (exit_state{false, 0})) << to_string(state);
  EXPECT_LT(since(begin), scaled(3000ms));
}

TEST_F(AT10StoppedProcess, NothingElsewhereExceedsItsDeadline) {
  latency_watch at_near(everyday_probes(system, near, "on_near"));
  latency_watch at_main(everyday_probes(system, head_node, "on_far"));
  ASSERT_TRUE(eventually(5s, [&] { return at_near.rounds() > 5 && at_main.rounds() > 5; }));
  auto waiting = std::async(std::launch::async, [this] {
    return from_inside("on_near", "on_victim", "sleep_for", {{"seconds", 30}}, 30);
  });
  const auto stopped = clock::now();
  ASSERT_EQ(kill(victim_pid, SIGSTOP), 0);
  EXPECT_TRUE(eventually(5s, [this] { return !is_alive(victim_pid); })) << "it was not judged";
  EXPECT_LT(since(stopped), scaled(2600ms)) << "judged and killed";
  // on_near itself waits for the victim; it goes on as soon as the verdict is there.
  expect_definite(waiting.get());
  EXPECT_LT(since(stopped), scaled(3500ms)) << "the waiting ask was failed";
  at_near.stop();
  at_main.stop();
  EXPECT_TRUE(at_main.wrong().empty()) << at_main.wrong().front();
  EXPECT_LT(at_main.slowest(), scaled(600ms)) << at_main.slowest_what();
  for (const auto& wrong : at_near.wrong()) {
    EXPECT_EQ(wrong.rfind("ask of on_near", 0), 0u) << wrong;
  }
}

TEST_F(AT10StoppedProcess, ItsNamesAreReleasedAndNoGhostComesBack) {
  ASSERT_EQ(kill(victim_pid, SIGSTOP), 0);
  const auto stopped = clock::now();
  EXPECT_TRUE(eventually(
    6s,
    [this] { return system.ask(near, "create_actor", actor_body("on_victim", "Echo"), 1s).is("actor_is_created"); }))
    << "the name was not released";
  EXPECT_LT(since(stopped), scaled(4000ms));
  EXPECT_FALSE(is_alive(victim_pid)) << "names are released after the end of the process was seen";
  kill(victim_pid, SIGCONT);
  EXPECT_FALSE(is_listed(victim));
  for (int i = 0; i < 20; ++i) {
    const auto got = from_inside("on_far", "on_victim", "who");
    ASSERT_EQ(got.body.at("command"), "here_is") << got;
    ASSERT_EQ(got.body.at("body").at("node"), near) << got;
  }
}

TEST_F(AT10StoppedProcess, AStopShorterThanTheVerdictHarmsNobody) {
  ASSERT_EQ(kill(victim_pid, SIGSTOP), 0);
  auto waiting =
    std::async(std::launch::async, [this] { return from_inside("on_far", "on_victim", "who", nullptr, 3); });
  // sleep: the length of the stop is what is tested
  std::this_thread::sleep_for(300ms);
  ASSERT_EQ(kill(victim_pid, SIGCONT), 0);
  const auto got = waiting.get();
  ASSERT_EQ(got.body.at("command"), "here_is") << got;
  EXPECT_EQ(got.body.at("body").at("node"), victim);
  EXPECT_TRUE(is_listed(victim));
}

} // namespace
