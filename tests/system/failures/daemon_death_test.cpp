// A daemon that is killed and does not come back, and one that ends in order.
#include "tests/system/harness/proc_table.hpp"
#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

namespace {

using namespace system_test;

TEST(DaemonDeath, NodesEndAfterTheOrphanGrace) {
  system_options options;
  options.config = {{"orphan_grace_s", 1}};
  test_system system(options);
  const pid_t node = system.pid_of(system.create_process());
  const pid_t main_node = system.pid_of(head_node);
  ASSERT_NE(node, 0);
  ASSERT_NE(main_node, 0);
  system.kill_daemon();
  const auto killed = clock::now();
  const auto both_ended = [&] {
    reap_orphans();
    return !is_alive(node) && !is_alive(main_node);
  };
  EXPECT_FALSE(eventually(700ms, both_ended)) << "they wait for the next daemon";
  EXPECT_TRUE(eventually(6s, both_ended)) << to_string(processes_below_us());
  EXPECT_LT(since(killed), scaled(3000ms));
  // The last thread of a process that is a zombie already closes its links.
  const auto sockets = [&] { return sockets_below(system.folder().path() / "r"); };
  EXPECT_TRUE(eventually(1s, [&] { return sockets().size() <= 1; })) << "more than the killed daemon's own is left: " << json(sockets());
}

TEST(DaemonDeath, ADaemonThatComesAfterTheGraceStartsTheSystemAnew) {
  system_options options;
  options.config = {{"orphan_grace_s", 0.2}};
  test_system system(options);
  const auto node = system.create_process();
  const pid_t pid = system.pid_of(node);
  system.create_actor(node, "gone", "Echo");
  system.kill_daemon();
  system.expect_no_process(8s);
  system.start_daemon();
  EXPECT_EQ(system.ask(head_node, "get_all_nodes").command, "all_nodes");
  EXPECT_NE(system.pid_of(head_node), 0);
  EXPECT_FALSE(is_alive(pid));
  EXPECT_EQ(system.ask("gone", "who", nullptr, 6s).command, "here_is") << "it is made again";
  system.create_actor(head_node, "again", "Echo");
  EXPECT_EQ(system.quit(), (exit_state{false, 0}));
  system.expect_no_process(1s);
}

TEST(DaemonDeath, WhatNeedsTheDaemonIsAnsweredAtOnceWhileItIsAway) {
  test_system system;
  const auto node = system.create_process();
  system.create_actor(node, "echo", "Echo");
  ASSERT_EQ(system.ask("echo", "who").command, "here_is");
  system.kill_daemon();
  for (const auto* command : {"create_process", "get_status", "get_all_nodes", "remove_process"}) {
    const auto got = system.ask(head_node, command, nullptr, 5s);
    EXPECT_EQ(got.command, "actor_has_failed") << command << got;
    EXPECT_NE(got.body.dump().find("the daemon is away"), std::string::npos) << command << got;
    EXPECT_LT(got.took, scaled(500ms)) << command << got;
  }
  const auto created = system.ask(node, "create_actor", actor_body("another", "Echo"), 5s);
  EXPECT_EQ(created.command, "actor_is_not_created") << created;
  EXPECT_NE(created.body.dump().find("the daemon is away"), std::string::npos) << created;
  EXPECT_LT(created.took, scaled(500ms));
  const auto unknown = system.ask("somebody", "echo", nullptr, 5s);
  EXPECT_EQ(unknown.command, "actor_has_failed") << "nobody can say whether this name exists: " << unknown;
  EXPECT_LT(unknown.took, scaled(500ms));
  EXPECT_EQ(system.http("GET", "/healthz").status, 200);
  EXPECT_EQ(system.http("GET", "/readyz").status, 503);
  EXPECT_EQ(system.http("GET", "/api/v1/status").status, 503);
  EXPECT_EQ(system.ask("echo", "who").command, "here_is") << "what is known goes on";
  system.start_daemon();
  EXPECT_EQ(system.http("GET", "/readyz").status, 200);
  EXPECT_EQ(system.ask("somebody", "echo").command, "actor_is_not_found");
  EXPECT_EQ(system.quit(), (exit_state{false, 0}));
  system.expect_no_process(1s);
}

TEST(DaemonDeath, ANodeThatPrintsMoreThanAPipeHoldsIsNotHeldUp) {
  test_system system;
  const auto node = system.create_process();
  system.create_actor(node, "printer", "Echo");
  ASSERT_EQ(system.ask("printer", "print", {{"text", "before"}}).command, "printed");
  ASSERT_TRUE(system.printed().wait_for("before", 5s));
  system.kill_daemon();
  const std::string line(4000, 'x');
  const auto begin = clock::now();
  for (int i = 0; i < 600; ++i) {
    ASSERT_EQ(system.ask("printer", "print", {{"text", std::to_string(i) + " " + line}}).command, "printed");
  }
  EXPECT_LT(since(begin), scaled(5000ms));
  system.start_daemon();
  EXPECT_TRUE(system.printed().wait_for("[" + node + "] 0 xxx", 5s)) << "what fitted the pipe is there";
  EXPECT_EQ(system.ask("printer", "print", {{"text", "after"}}).command, "printed");
  EXPECT_TRUE(system.printed().wait_for("[" + node + "] after", 5s)) << system.report();
  const auto log = system.state_dir() / "log" / "troupe.log";
  EXPECT_TRUE(eventually(5s, [&] { return read_text(log).find("lines were dropped") != std::string::npos; }));
  EXPECT_EQ(system.quit(), (exit_state{false, 0}));
  system.expect_no_process(1s);
}

TEST(DaemonDeath, SigtermAndSigintEndTheSystemInOrder) {
  for (const int number : {SIGTERM, SIGINT}) {
    test_system system;
    system.create_process();
    system.daemon().signal(number);
    const auto state = system.daemon().wait_exit(8s);
    EXPECT_EQ(state, (exit_state{false, 0})) << "signal " << number << ": " << to_string(state);
  }
}

} // namespace
