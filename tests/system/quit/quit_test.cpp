#include "tests/system/harness/proc_table.hpp"
#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace {

using namespace system_test;

int marks(const std::filesystem::path& file, const std::string& what) {
  const auto text = read_text(file);
  int found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++found;
  }
  return found;
}

/// Two slow actors on each of three nodes.
void create_slow_actors(const test_system& system, const std::filesystem::path& file, double exit_time) {
  std::vector<std::string> nodes{head_node, system.create_process(), system.create_process()};
  int number = 0;
  for (const auto& node : nodes) {
    for (int i = 0; i < 2; ++i) {
      const std::string name = "slow_" + std::to_string(number++);
      system.create_actor(node, name, "SlowExit");
      system.set_params(name, {{"exit_time", exit_time}, {"marks", file.string()}});
    }
  }
}

TEST(AT19Quit, EveryExitHookGetsItsTime) {
  temp_folder kept;
  const auto file = kept.path() / "marks";
  test_system system;
  create_slow_actors(system, file, 1.5);
  const auto got = system.ask(head_node, "quit");
  EXPECT_EQ(got.command, "is_quiting") << got;
  const auto begin = clock::now();
  const auto state = system.daemon().wait_exit(15s);
  EXPECT_EQ(state, (exit_state{false, 0})) << to_string(state);
  EXPECT_LT(since(begin), scaled(4500ms)) << "the hooks of all nodes run side by side";
  EXPECT_EQ(marks(file, "begun"), 6) << read_text(file);
  EXPECT_EQ(marks(file, "ended"), 6) << read_text(file);
}

TEST(AT19Quit, AnExitHookIsCutOffAtTheConfiguredTime) {
  temp_folder kept;
  const auto file = kept.path() / "marks";
  system_options options;
  options.config = {{"exit_hook_s", 1}};
  test_system system(options);
  create_slow_actors(system, file, 60);
  const auto begin = clock::now();
  const auto state = system.quit();
  EXPECT_EQ(state, (exit_state{false, 0})) << to_string(state);
  EXPECT_GE(since(begin), 900ms);
  EXPECT_LT(since(begin), scaled(4000ms));
  EXPECT_EQ(marks(file, "begun"), 6) << read_text(file);
  EXPECT_EQ(marks(file, "ended"), 0) << read_text(file);
}

TEST(AT19Quit, ItMayBeSentToAnybody) {
  for (const auto* to : {"node", "actor", "null"}) {
    test_system system;
    const auto node = system.create_process();
    system.create_actor(node, "somebody", "Echo");
    const json recipient = std::string(to) == "null"   ? json()
                           : std::string(to) == "node" ? json(node)
                                                       : json("somebody");
    const auto got = system.ask(recipient, "quit");
    EXPECT_EQ(got.command, "is_quiting") << to << got;
    const auto state = system.daemon().wait_exit(10s);
    EXPECT_EQ(state, (exit_state{false, 0})) << to << ": " << to_string(state);
  }
}

TEST(AT19Quit, TwoAtOnceAndADeadNodeDoNotHinderIt) {
  test_system system;
  const auto node = system.create_process();
  system.create_process();
  kill(system.pid_of(node), 9);
  system.send(head_node, "quit");
  system.send(head_node, "quit");
  const auto begin = clock::now();
  const auto state = system.daemon().wait_exit(10s);
  EXPECT_EQ(state, (exit_state{false, 0})) << to_string(state);
  EXPECT_LT(since(begin), scaled(3000ms));
}

TEST(AT19Quit, AnActorThatHoldsItsThreadDelaysTheEndOnlyToTheHardStep) {
  system_options options;
  options.config = {{"exit_hook_s", 1}};
  test_system system(options);
  const auto node = system.create_process();
  system.create_actor(node, "blocked", "Echo");
  system.send("blocked", "block_for", {{"seconds", 60}});
  const auto begin = clock::now();
  const auto state = system.quit();
  EXPECT_EQ(state, (exit_state{false, 0})) << to_string(state);
  EXPECT_LT(since(begin), scaled(8000ms));
}

TEST(AT19Quit, RemovingAProcessEndsItAndFreesItsNames) {
  temp_folder kept;
  const auto file = kept.path() / "marks";
  test_system system;
  const auto node = system.create_process();
  system.create_actor(node, "slow", "SlowExit");
  system.set_params("slow", {{"exit_time", 0.5}, {"marks", file.string()}});
  const pid_t pid = system.pid_of(node);
  const auto got = system.ask(head_node, "remove_process", {{"node", node}}, 10s);
  EXPECT_EQ(got.command, "process_is_removed") << got;
  EXPECT_FALSE(is_alive(pid)) << "the answer is given when it is true";
  EXPECT_EQ(marks(file, "ended"), 1);
  EXPECT_EQ(system.ask(head_node, "get_all_nodes").body.dump().find(node), std::string::npos);
  system.create_actor(head_node, "slow", "Echo");
}

TEST(AT19Quit, ProcessesThatComeAndGoLeaveNoDescriptorInTheDaemon) {
  test_system system;
  const auto come_and_go = [&] {
    const auto node = system.create_process();
    system.create_actor(node, "guest", "Echo");
    EXPECT_EQ(system.ask("guest", "who").command, "here_is");
    const auto got = system.ask(head_node, "remove_process", {{"node", node}}, 10s);
    EXPECT_EQ(got.command, "process_is_removed") << got;
  };
  come_and_go();
  const auto daemon_before = open_descriptors(system.daemon().pid());
  const auto main_before = open_descriptors(system.pid_of(head_node));
  for (int i = 0; i < 10; ++i) {
    come_and_go();
  }
  EXPECT_TRUE(eventually(3s, [&] { return open_descriptors(system.daemon().pid()).size() <= daemon_before.size(); }))
    << json(daemon_before).dump() << "\n"
    << json(open_descriptors(system.daemon().pid())).dump();
  EXPECT_TRUE(eventually(3s, [&] { return open_descriptors(system.pid_of(head_node)).size() <= main_before.size(); }))
    << json(main_before).dump() << "\n"
    << json(open_descriptors(system.pid_of(head_node))).dump();
}

} // namespace
