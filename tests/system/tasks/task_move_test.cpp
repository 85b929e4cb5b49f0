#include "tests/system/failures/comeback.hpp"
#include "tests/system/harness/proc_table.hpp"
#include "tests/system/harness/program_paths.hpp"
#include "tests/system/tasks/task_runs.hpp"

#include "runtime/observer/process_tree.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <thread>

namespace {

using namespace system_test;

/// Prints numbered lines, some in every millisecond, until the file `end` is in its folder.
constexpr const char* counting = R"(import os, sys, time
n = 0
while not os.path.exists("end"):
    for _ in range(20):
        sys.stdout.write(f"line {n}\n")
        n += 1
    time.sleep(0.001)
print("last", n)
)";

pid_t parent_of(pid_t pid) {
  for (const auto& entry : troupe::process_table()) {
    if (entry.pid == pid) {
      return entry.parent;
    }
  }
  return -1;
}

class TaskMoves : public testing::Test {
protected:
  TaskMoves() : system(options()) {}

  static system_options options() {
    system_options out;
    out.config = {{"orphan_grace_s", 60}};
    return out;
  }

  std::string script(const std::string& name, const std::string& text) const {
    return system.folder().write(name, text, true).string();
  }

  void end_script(const std::string& id) const {
    std::ofstream{system.state_dir() / "runs" / id / "work" / "end"} << "";
  }

  std::string node_of(const std::string& name) const {
    return system.ask(head_node, "seek_actor", {{"entity", name}}).body.value("node", "");
  }

  /// A task that has come back says `accepted` for the moment until it is attached, if it was killed in its first one.
  std::string state_of(const std::string& name) const {
    const auto got = system.ask(name, "get_state", nullptr, 10s);
    return got.is("task_state") ? got.body.value("state", "") : got.command;
  }

  void move(const std::string& name, const std::string& to) const {
    const auto got = system.ask(node_of(name), "recreate_actor", {{"entity", name}, {"node", to}}, 10s);
    EXPECT_EQ(got.command, "actor_is_recreated") << got;
  }

  /// Every line once and in order, up to the last.
  static void expect_all_lines(const std::string& text) {
    std::size_t at = 0;
    for (int n = 0;; ++n) {
      const auto line = "line " + std::to_string(n) + "\n";
      if (text.compare(at, line.size(), line) != 0) {
        EXPECT_EQ(text.substr(at, 200), "last " + std::to_string(n) + "\n");
        return;
      }
      at += line.size();
    }
  }

  test_system system;
};

TEST_F(TaskMoves, ARunningTaskMovesTenTimesAndNoReaderMissesALine) {
  const std::vector<std::string> nodes{system.create_process(), system.create_process(), system.create_process()};
  const auto task = start_task(system, {{"node", nodes[0]}, {"script", script("count.py", counting)}});
  ASSERT_NE(task.id, "");
  const auto os_pid = task.started.value("os_pid", 0);
  task_output seen;
  std::jthread reader{[&] { seen = follow_output(system, task.id, 60s); }};
  answer waited;
  std::jthread waiter{[&] { waited = system.ask(task.name, "wait_end", nullptr, 60s); }};
  for (int i = 1; i <= 10; ++i) {
    move(task.name, nodes[i % 3]);
    EXPECT_EQ(node_of(task.name), nodes[i % 3]);
    const auto state = system.ask(task.name, "get_state").body;
    EXPECT_EQ(state.value("state", ""), "running") << state;
    EXPECT_EQ(state.value("os_pid", 0), os_pid);
  }
  end_script(task.id);
  reader.join();
  waiter.join();
  expect_all_lines(seen.out);
  EXPECT_EQ(seen.end.value("state", ""), "succeeded") << seen.end;
  EXPECT_EQ(waited.command, "task_ended") << waited;
}

TEST_F(TaskMoves, TroupeRunSeesNeitherMovesNorTheDeathOfANode) {
  const std::vector<std::string> nodes{system.create_process(), system.create_process()};
  program_options command;
  command.argv = {programs().troupe, "--state-dir", system.state_dir(), "run", script("count.py", counting), "--node", nodes[0]};
  command.folder = system.folder().path();
  program running(command);
  ASSERT_TRUE(running.out().wait_for("line 100", 15s)) << running.err().text();
  const auto id = std::filesystem::directory_iterator{system.state_dir() / "runs"}->path().filename().string();
  move("task_" + id, nodes[1]);
  move("task_" + id, nodes[0]);
  system.expect_killed();
  kill_and_await(system, nodes[0]);
  move("task_" + id, nodes[1]);
  end_script(id);
  const auto state = running.wait_exit(30s);
  ASSERT_TRUE(state);
  EXPECT_EQ(*state, (exit_state{false, 0})) << running.err().text();
  expect_all_lines(running.out().text());
}

TEST_F(TaskMoves, AnEndedTaskMovesWithItsOutput) {
  const auto there = system.create_process();
  const auto task = start_task(system, {{"command", {"/bin/sh", "-c", "echo kept; exit 3"}}});
  EXPECT_EQ(final_state(system, task.id).value("exit_code", -1), 3);
  move(task.name, there);
  EXPECT_EQ(follow_output(system, task.id).out, "kept\n");
  EXPECT_EQ(final_state(system, task.id).value("exit_code", -1), 3);
}

TEST_F(TaskMoves, InputGoesOnAcrossMoves) {
  const std::vector<std::string> nodes{system.create_process(), system.create_process()};
  const auto task = start_task(system, {{"node", nodes[0]}, {"command", {"/bin/cat"}}, {"stdin", "open"}});
  ASSERT_NE(task.id, "");
  std::string expected;
  for (int i = 1; i <= 6; ++i) {
    const auto line = "line " + std::to_string(i) + "\n";
    expected += line;
    EXPECT_EQ(system.http("POST", "/api/v1/tasks/" + task.id + "/stdin", line).status, 200);
    move(task.name, nodes[i % 2]);
  }
  EXPECT_EQ(system.http("POST", "/api/v1/tasks/" + task.id + "/stdin?close=true").status, 200);
  EXPECT_EQ(follow_output(system, task.id).out, expected);
}

TEST_F(TaskMoves, AWriteThatTheScriptDoesNotReadTravelsAndIsDoneOnce) {
  const std::vector<std::string> nodes{system.create_process(), system.create_process()};
  const auto task = start_task(
    system, {{"node", nodes[0]},
             {"stdin", "open"},
             {"command", {"/bin/sh", "-c", "while ! test -e end; do sleep 0.01; done; wc -c"}}});
  ASSERT_NE(task.id, "");
  http_answer written;
  std::jthread writer{[&] {
    written = system.http("POST", "/api/v1/tasks/" + task.id + "/stdin?close=true", std::string(900'000, 'x'), 60s);
  }};
  // It waits in the task when the pipe is full.
  ASSERT_TRUE(eventually(10s, [&] {
    const auto again = system.ask(task.name, "write_stdin", {{"data", ""}}, 200ms);
    return again.command == "timer" || again.command.empty();
  }));
  move(task.name, nodes[1]);
  move(task.name, nodes[0]);
  end_script(task.id);
  EXPECT_EQ(follow_output(system, task.id, 60s).out, "900000\n");
  writer.join();
  EXPECT_EQ(written.status, 200) << written.body;
}

TEST_F(TaskMoves, AScriptSurvivesItsNodeAndNoLineIsMissing) {
  const auto node = system.create_process();
  const auto task = start_task(system, {{"node", node}, {"script", script("count.py", counting)}});
  ASSERT_NE(task.id, "");
  const auto os_pid = task.started.value("os_pid", 0);
  system.expect_killed();
  task_output seen;
  std::jthread reader{[&] { seen = follow_output(system, task.id, 60s); }};
  for (int i = 0; i < 2; ++i) {
    kill_and_await(system, node);
    ASSERT_TRUE(eventually(10s, [&] { return state_of(task.name) == "running"; })) << system.ask(task.name, "get_state");
    EXPECT_EQ(system.ask(task.name, "get_state", nullptr, 10s).body.value("os_pid", 0), os_pid);
  }
  end_script(task.id);
  reader.join();
  expect_all_lines(seen.out);
  EXPECT_EQ(seen.end.value("state", ""), "succeeded") << seen.end;
}

TEST_F(TaskMoves, ATaskThatEndsWhileItsNodeIsDeadIsNotLost) {
  const auto node = system.create_process();
  const auto task =
    start_task(system, {{"node", node}, {"command", {"/bin/sh", "-c", "while ! test -e end; do sleep 0.01; done; exit 5"}}});
  ASSERT_NE(task.id, "");
  end_script(task.id);
  kill_and_await(system, node);
  const auto state = final_state(system, task.id);
  EXPECT_EQ(state.value("state", ""), "failed") << state;
  EXPECT_EQ(state.value("exit_code", -1), 5) << state;
  system.expect_killed();
}

TEST_F(TaskMoves, ATaskIsTakenOverByTheNextDaemonAlsoWhenEverythingWasKilled) {
  const auto node = system.create_process();
  const auto task = start_task(system, {{"node", node}, {"script", script("count.py", counting)}});
  ASSERT_NE(task.id, "");
  system.kill_daemon();
  system.start_daemon();
  EXPECT_TRUE(eventually(10s, [&] { return state_of(task.name) == "running"; })) << system.ask(task.name, "get_state");
  const auto pid = system.pid_of(node);
  system.kill_daemon();
  ASSERT_EQ(kill(pid, SIGKILL), 0);
  system.start_daemon();
  EXPECT_TRUE(eventually(10s, [&] { return state_of(task.name) == "running"; })) << system.ask(task.name, "get_state");
  end_script(task.id);
  const auto seen = follow_output(system, task.id, 60s);
  expect_all_lines(seen.out);
  EXPECT_EQ(seen.end.value("state", ""), "succeeded") << seen.end;
  system.expect_killed();
}

/// Daemons of a script that ignore SIGTERM and have left its session.
constexpr const char* clinging = R"(import os, signal, time
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if os.fork() == 0:
            while True: time.sleep(0.01)
        os._exit(0)
print("ready")
time.sleep(1000)
)";

TEST_F(TaskMoves, NothingOfARunOutlivesTheDeathOfEverythingAtOnce) {
  for (const char* who : {"all", "observer and node"}) {
    const auto node = system.create_process();
    const auto task = start_task(system, {{"node", node}, {"script", script("cling.py", clinging)}});
    ASSERT_NE(task.id, "");
    const auto script_pid = task.started.value("os_pid", 0);
    ASSERT_TRUE(eventually(10s, [&] { return troupe::processes_of_run(task.id, script_pid).size() >= 4; }));
    const auto observer = parent_of(script_pid);
    const auto node_pid = system.pid_of(node);
    const bool all = who == std::string{"all"};
    if (all) {
      system.kill_daemon();
    }
    kill(observer, SIGKILL);
    kill(node_pid, SIGKILL);
    if (all) {
      system.start_daemon();
    }
    EXPECT_TRUE(eventually(15s, [&] { return troupe::processes_of_run(task.id, 0).empty(); })) << who;
    EXPECT_TRUE(eventually(15s, [&] {
      return system.ask(task.name, "get_state", nullptr, 10s).body.value("state", "") == "lost";
    })) << system.ask(task.name, "get_state");
  }
  system.expect_killed();
}

} // namespace
