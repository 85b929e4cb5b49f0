#include "tests/system/failures/comeback.hpp"
#include "tests/system/harness/proc_table.hpp"
#include "tests/system/tasks/task_runs.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

namespace {

using namespace system_test;

class WarmTasks : public testing::Test {
protected:
  WarmTasks() : system(options()) {}

  static system_options options() {
    system_options out;
    out.config = {{"orphan_grace_s", 60}, {"venvs", {{"use", false}}}};
    return out;
  }

  std::string script(const std::string& name, const std::string& text) const {
    return system.folder().write(name, text, true).string();
  }

  /// Until runs on that node come from a prepared interpreter.
  void warm_up(const std::string& node) const {
    const auto trivial = script("trivial.py", "pass\n");
    EXPECT_TRUE(eventually(60s, [&] {
      const auto task = start_task(system, {{"node", node}, {"script", trivial}, {"warm", true}});
      return final_state(system, task.id).value("warm", false);
    }));
  }

  static std::vector<process_entry> parents() {
    auto all = processes_below_us();
    std::erase_if(all, [](const auto& one) { return one.state == 'Z' || one.command.find("warm_parent.py") == std::string::npos; });
    return all;
  }

  test_system system;
};

TEST_F(WarmTasks, ScriptsSeeTheirTaskAndTheStateSaysThatTheyAreWarm) {
  const auto node = system.create_process();
  warm_up(node);
  const auto path = script("a.py", "import json, os, sys, ompy\n"
                                   "p = json.loads(os.environ['TASK_PARAMS'])\n"
                                   "print(p['scriptParams']['n'], sys.argv[1:], os.getcwd() == p['outputPath'], input())\n"
                                   "sys.exit(3)\n");
  const auto task = start_task(
    system, {{"node", node}, {"script", path}, {"warm", true}, {"stdin", "open"}, {"params", {{"n", 5}}}, {"args", {"x", "y z"}}});
  ASSERT_NE(task.id, "");
  EXPECT_EQ(system.ask(task.name, "write_stdin", {{"data", "words\n"}}).command, "stdin_is_written");
  const auto seen = follow_output(system, task.id, 60s);
  EXPECT_EQ(seen.out, "5 ['x', 'y z'] True words\n") << seen.err;
  EXPECT_EQ(seen.end.value("exit_code", -1), 3) << seen.end;
  EXPECT_EQ(seen.end.value("warm", false), true) << seen.end;
  const auto cold = start_task(system, {{"node", node}, {"script", script("b.py", "pass\n")}});
  EXPECT_EQ(final_state(system, cold.id).value("warm", true), false);
}

TEST_F(WarmTasks, ScriptSurvivesItsNodeAndMovesAndPreparedOnesDoNot) {
  const auto node = system.create_process();
  warm_up(node);
  const auto path = script("wait.py", "import os, time\nprint('begin')\n"
                                      "while not os.path.exists('end'): time.sleep(0.01)\nprint('end')\n");
  const auto task = start_task(system, {{"node", node}, {"script", path}, {"warm", true}});
  ASSERT_NE(task.id, "");
  EXPECT_TRUE(system.ask(task.name, "get_state").body.value("warm", false));
  const auto os_pid = task.started.value("os_pid", 0);
  system.expect_killed();
  kill_and_await(system, node);
  EXPECT_TRUE(eventually(20s, [&] { return parents().empty(); })) << to_string(parents());
  EXPECT_TRUE(is_alive(os_pid));
  const auto other = system.create_process();
  EXPECT_TRUE(eventually(20s, [&] {
    const auto now = system.ask(head_node, "seek_actor", {{"entity", task.name}}).body.value("node", "");
    return system.ask(now, "recreate_actor", {{"entity", task.name}, {"node", other}}, 20s).command == "actor_is_recreated";
  }));
  const auto state = system.ask(task.name, "get_state", nullptr, 20s).body;
  EXPECT_EQ(state.value("os_pid", 0), os_pid);
  EXPECT_TRUE(state.value("warm", false)) << state;
  std::ofstream{system.state_dir() / "runs" / task.id / "work" / "end"} << "";
  const auto seen = follow_output(system, task.id, 60s);
  EXPECT_EQ(seen.out, "begin\nend\n");
  EXPECT_EQ(seen.end.value("state", ""), "succeeded") << seen.end;
  warm_up(node);
}

} // namespace
