// What a start finds: everything after a crash of everything, little after an orderly end.
#include "tests/system/failures/comeback.hpp"
#include "tests/system/harness/proc_table.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace {

using namespace system_test;

/// A state folder on which several systems live one after the other.
class CrashStart : public testing::Test {
protected:
  CrashStart() { options.state_dir = kept.path() / "state"; }

  /// kill -9 of the daemon and of all its nodes.
  static void kill_everything(test_system& system) {
    system.expect_killed();
    const auto nodes = system.ask(head_node, "get_status").body.at("nodes");
    system.daemon().signal(SIGKILL);
    for (const auto& node : nodes) {
      if (node.at("pid").is_number()) {
        kill(node.at("pid").get<pid_t>(), SIGKILL);
      }
    }
    EXPECT_TRUE(system.daemon().wait_exit(2s));
  }

  static void create_persistent(const test_system& system, const std::string& node, const std::string& name) {
    auto body = actor_body(name, "Counter");
    body["persist"] = true;
    const auto got = system.ask(node, "create_actor", body);
    EXPECT_EQ(got.command, "actor_is_created") << got;
  }

  temp_folder kept;
  system_options options;
};

TEST_F(CrashStart, AfterAKillOfEverythingAllOfItComesBack) {
  options.config = {
    {"processes", {json::object(), {{"name", "workers"}}}},
    {"actors",
     {{{"name", "configured"},
       {"node", "first.workers.admin"},
       {"class_desc", {{"requires_dist", "test_actors"}, {"class", "Counter"}}},
       {"params", {{"value", 10}}}}}},
    {"start", {{{"type", "ask"}, {"recipient", "configured"}, {"command", "add"}, {"body", nullptr}, {"timeout", 4}}}}};
  const std::string first_node = "first.process_0.admin";
  const std::string later_node = "first.process_1.admin";
  {
    test_system system(options);
    EXPECT_EQ(count_of(system, "configured"), 11);
    ASSERT_EQ(system.create_process(), later_node);
    const auto gone = system.create_process();
    system.create_actor(first_node, "on_first", "Counter");
    system.create_actor(later_node, "on_later", "Counter");
    system.create_actor(head_node, "on_main", "Counter");
    system.create_actor(gone, "on_gone", "Counter");
    system.create_actor(head_node, "removed", "Counter");
    const auto temporary = create_process(system, {{"restart", "temporary"}});
    system.create_actor(temporary, "on_temporary", "Counter");
    keep_checkpoint(system, "on_later", {{"value", 5}});
    keep_checkpoint(system, "on_main", {{"value", 6}});
    kill_and_await(system, first_node);
    ASSERT_EQ(system.ask(head_node, "remove_process", {{"node", gone}}, 8s).command, "process_is_removed");
    ASSERT_EQ(system.ask(head_node, "remove_actor", {{"name", "removed"}}).command, "actor_is_removed");
    kill_everything(system);
  }
  const auto begin = clock::now();
  test_system system(options);
  EXPECT_LT(since(begin), scaled(3000ms));
  const auto nodes = system.ask(head_node, "get_all_nodes").body.get<std::set<std::string>>();
  EXPECT_EQ(nodes, (std::set<std::string>{head_node, first_node, later_node, "first.workers.admin"}));
  EXPECT_EQ(count_of(system, "on_first"), 0);
  EXPECT_EQ(count_of(system, "on_later"), 5);
  EXPECT_EQ(count_of(system, "on_main"), 6);
  EXPECT_EQ(count_of(system, "configured"), 10) << "its parameters are set again, the start list is not run again";
  for (const auto* name : {"on_gone", "removed", "on_temporary"}) {
    EXPECT_EQ(system.ask(name, "get").command, "actor_is_not_found") << name;
  }
  EXPECT_EQ(node_status(system, first_node).at("restarts"), 1);
  EXPECT_EQ(system.create_process(), "first.process_4.admin") << "numbers go on";
  EXPECT_EQ(system.ask(later_node, "create_actor", actor_body("on_first", "Echo")).command, "actor_is_not_created");
}

TEST_F(CrashStart, EachCrashFindsWhatTheOneBeforeFound) {
  std::string node;
  {
    test_system system(options);
    node = system.create_process();
    system.create_actor(node, "counter", "Counter");
    keep_checkpoint(system, "counter", {{"value", 1}});
    kill_everything(system);
  }
  for (int round = 2; round < 5; ++round) {
    test_system system(options);
    EXPECT_EQ(count_of(system, "counter"), round - 1);
    keep_checkpoint(system, "counter", {{"value", round}});
    system.create_actor(node, "of_round_" + std::to_string(round), "Echo");
    kill_everything(system);
  }
  test_system system(options);
  EXPECT_EQ(count_of(system, "counter"), 4);
  for (int round = 2; round < 5; ++round) {
    EXPECT_EQ(system.ask("of_round_" + std::to_string(round), "who", nullptr, 4s).command, "here_is");
  }
}

TEST_F(CrashStart, AfterAnOrderlyEndNothingIsLeftOfWhatWasMadeByHand) {
  {
    test_system system(options);
    system.create_actor(system.create_process(), "by_hand", "Counter");
    system.create_actor(head_node, "on_main", "Counter");
    EXPECT_EQ(system.quit(), (exit_state{false, 0}));
  }
  test_system system(options);
  EXPECT_EQ(system.ask(head_node, "get_all_nodes").body, json{head_node});
  EXPECT_EQ(system.ask("by_hand", "get").command, "actor_is_not_found");
  EXPECT_EQ(system.ask("on_main", "get").command, "actor_is_not_found");
  EXPECT_EQ(system.create_process(), "first.process_0.admin") << "numbers start again";
}

TEST_F(CrashStart, WhatPersistsComesBackAfterAnOrderlyEndToo) {
  options.config = {{"processes", {json::object()}}};
  {
    test_system system(options);
    EXPECT_EQ(system.create_process(), "first.process_1.admin");
    EXPECT_EQ(system.create_process(), "first.process_2.admin");
    create_process(system, {{"name", "lasting"}, {"persist", true}});
    create_persistent(system, "first.process_0.admin", "on_configured");
    create_persistent(system, "first.process_2.admin", "on_numbered");
    create_persistent(system, head_node, "on_main");
    system.create_actor("first.process_2.admin", "by_hand", "Counter");
    keep_checkpoint(system, "on_numbered", {{"value", 3}});
    system.daemon().signal(SIGTERM);
    EXPECT_EQ(system.daemon().wait_exit(8s), (exit_state{false, 0}));
  }
  for (int start = 0; start < 2; ++start) {
    test_system system(options);
    const auto nodes = system.ask(head_node, "get_all_nodes").body.get<std::set<std::string>>();
    EXPECT_EQ(nodes, (std::set<std::string>{head_node, "first.process_0.admin", "first.process_2.admin", "first.lasting.admin"}));
    EXPECT_EQ(count_of(system, "on_numbered"), 3);
    EXPECT_EQ(count_of(system, "on_configured"), 0);
    EXPECT_EQ(count_of(system, "on_main"), 0);
    EXPECT_EQ(system.ask("by_hand", "get").command, "actor_is_not_found");
    EXPECT_EQ(system.create_process(), "first.process_1.admin");
    EXPECT_EQ(system.quit(), (exit_state{false, 0}));
  }
}

TEST_F(CrashStart, AStartThatFailsAfterACrashLosesNothing) {
  {
    test_system system(options);
    system.create_actor(system.create_process(), "counter", "Counter");
    kill_everything(system);
  }
  auto broken = options;
  broken.config = {{"actors", {{{"name", "x"}, {"class_desc", {{"requires_dist", "no_such"}, {"class", "X"}}}}}}};
  EXPECT_THROW(test_system{broken}, std::runtime_error);
  test_system system(options);
  EXPECT_EQ(count_of(system, "counter"), 0);
}

TEST_F(CrashStart, ADamagedStoreIsRefusedWithOneLineThatHelps) {
  {
    test_system system(options);
  }
  std::ofstream{options.state_dir / "system.db", std::ios::trunc} << std::string(10'000, 'x');
  const auto config = kept.write("config.json", make_config().dump());
  const auto got = run_program({daemon_command(config, options.state_dir), {}, {}}, 5s);
  EXPECT_EQ(got.state, (exit_state{false, 2})) << to_string(got.state) << "\n" << got.out << got.err;
  EXPECT_EQ(std::count(got.err.begin(), got.err.end(), '\n'), 1) << got.err;
  for (const auto* word : {"system.db", "move it away"}) {
    EXPECT_NE(got.err.find(word), std::string::npos) << got.err;
  }
}

} // namespace
