#include "tests/system/harness/proc_table.hpp"
#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <csignal>

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
  system.expect_killed();
  system.daemon().signal(SIGKILL);
  EXPECT_EQ(system.daemon().wait_exit(2s), (exit_state{true, SIGKILL}));
  EXPECT_TRUE(eventually(6s,
                         [&] {
                           reap_orphans();
                           return !is_alive(node) && !is_alive(main_node);
                         }))
    << to_string(processes_below_us());
}

TEST(DaemonDeath, AKilledDaemonCanBeStartedAgainOnItsFolder) {
  temp_folder kept;
  system_options options;
  options.state_dir = kept.path() / "state";
  options.config = {{"orphan_grace_s", 1}};
  {
    test_system first(options);
    first.create_process();
    first.expect_killed();
    first.daemon().signal(SIGKILL);
    first.daemon().wait_exit(2s);
  }
  test_system second(options);
  EXPECT_EQ(second.ask(head_node, "get_all_nodes").command, "all_nodes");
  second.create_actor(head_node, "again", "Echo");
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
