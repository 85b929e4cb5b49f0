#include "tests/system/tasks/task_runs.hpp"

#include "tests/system/harness/proc_table.hpp"

#include <gtest/gtest.h>

namespace {

using namespace system_test;

class Task : public testing::Test {
protected:
  std::string script(const std::string& name, const std::string& text) const {
    return system.folder().write(name, text, true).string();
  }
  test_system system;
};

TEST_F(Task, APythonScriptRunsWithParametersArgumentsAndItsOwnFolder) {
  const auto path = script("hello.py", R"(import json, os, sys
params = json.loads(os.environ["TASK_PARAMS"])
print("hello", params["scriptParams"]["who"], sys.argv[1:])
print("pid", params["pid"])
print("cwd", os.getcwd() == params["outputPath"])
print("to stderr", file=sys.stderr)
)");
  const auto task = start_task(system, {{"script", path}, {"params", {{"who", "world"}}}, {"args", {"one", "two"}}});
  ASSERT_NE(task.id, "");
  EXPECT_EQ(task.name, "task_" + task.id);
  const auto output = follow_output(system, task.id);
  EXPECT_EQ(output.out, "hello world ['one', 'two']\npid " + task.id + "\ncwd True\n");
  EXPECT_EQ(output.err, "to stderr\n");
  EXPECT_EQ(output.end.value("state", ""), "succeeded") << output.end;
  EXPECT_EQ(output.end.value("exit_code", -1), 0) << output.end;
  EXPECT_EQ(system.ask(task.name, "get_state").body.value("state", ""), "succeeded");
}

TEST_F(Task, AScriptRunsOnTheNodeThatWasNamed) {
  const auto node = system.create_process();
  const auto task = start_task(system, {{"node", node}, {"command", {"/bin/sh", "-c", "echo there"}}});
  ASSERT_NE(task.id, "");
  EXPECT_EQ(task.started.value("node", ""), node);
  EXPECT_EQ(follow_output(system, task.id).out, "there\n");
  const auto found = system.ask(head_node, "seek_actor", {{"entity", task.name}});
  EXPECT_EQ(found.body.value("node", ""), node) << found;
}

TEST_F(Task, OutputComesWhileTheScriptRunsAndNotWhenABufferIsFull) {
  const auto path = script("slow.py", "import time\nprint('first')\ntime.sleep(30)\n");
  const auto begin = clock::now();
  const auto task = start_task(system, {{"script", path}});
  auto call = system.call("GET", "/api/v1/tasks/" + task.id + "/output?from=0&follow=true");
  std::string first;
  http_lines(system.gateway(), call, [&](std::string_view line) {
    first = line;
    return false;
  });
  EXPECT_LT(since(begin), scaled(3000ms));
  EXPECT_NE(first.find("first"), std::string::npos) << first;
  const double at = json::parse(first, nullptr, false).value("at", -1.0);
  EXPECT_GE(at, 0.0);
  EXPECT_LT(at, 3.0 * time_scale());
  EXPECT_EQ(system.http("POST", "/api/v1/tasks/" + task.id + "/cancel").status, 202);
  EXPECT_EQ(final_state(system, task.id).value("state", ""), "cancelled");
}

TEST_F(Task, AnExitCodeASignalAndATimeLimitAreDifferentEnds) {
  auto task = start_task(system, {{"command", {"/bin/sh", "-c", "exit 7"}}});
  auto state = final_state(system, task.id);
  EXPECT_EQ(state.value("state", ""), "failed") << state;
  EXPECT_EQ(state.value("exit_code", -1), 7) << state;
  EXPECT_TRUE(state.at("signal").is_null()) << state;

  task = start_task(system, {{"command", {"/bin/sh", "-c", "kill -9 $$"}}});
  state = final_state(system, task.id);
  EXPECT_EQ(state.value("state", ""), "signalled") << state;
  EXPECT_EQ(state.value("signal", -1), 9) << state;
  EXPECT_TRUE(state.at("exit_code").is_null()) << state;

  task = start_task(system, {{"command", {"/bin/sh", "-c", own_sleep() + " & " + own_sleep()}}, {"timeout", 0.5}});
  state = final_state(system, task.id);
  EXPECT_EQ(state.value("state", ""), "timed_out") << state;
  EXPECT_NE(state.value("reason", "").find("0.5"), std::string::npos) << "the reason names the limit: " << state;
  EXPECT_TRUE(eventually(7s, [] { return processes_that_name(own_sleep()).empty(); })) << "the whole tree is gone";
}

TEST_F(Task, AScriptThatIgnoresSigtermIsKilledWithItsTree) {
  system_options options;
  options.config = {{"tasks", {{"stop_grace_s", 0.5}}}};
  test_system short_grace(options);
  const auto path = script("stubborn.sh", "#!/bin/sh\ntrap '' TERM\n(trap '' TERM; " + own_sleep() +
                                            ") &\necho ready\n" + own_sleep() + "\n" + own_sleep() + "\n");
  const auto task = start_task(short_grace, {{"command", {"/bin/sh", path}}});
  ASSERT_TRUE(eventually(5s, [] { return !processes_that_name(own_sleep()).empty(); }));
  const auto begin = clock::now();
  EXPECT_EQ(short_grace.http("POST", "/api/v1/tasks/" + task.id + "/cancel").status, 202);
  EXPECT_EQ(final_state(short_grace, task.id).value("state", ""), "cancelled");
  EXPECT_LT(since(begin), scaled(3000ms));
  EXPECT_TRUE(eventually(2s, [] { return processes_that_name(own_sleep()).empty(); }));
}

TEST_F(Task, StdinIsFedAndClosed) {
  const auto task = start_task(system, {{"command", {"/bin/cat"}}, {"stdin", "open"}});
  ASSERT_NE(task.id, "");
  EXPECT_EQ(system.http("POST", "/api/v1/tasks/" + task.id + "/stdin", "line one\n").status, 200);
  EXPECT_EQ(system.http("POST", "/api/v1/tasks/" + task.id + "/stdin?close=true", "line two\n").status, 200);
  EXPECT_EQ(follow_output(system, task.id).out, "line one\nline two\n");
}

TEST_F(Task, AMillionLinesArriveInOrderAndTheMemoryStaysFlat) {
  const auto path = script("many.py", "import sys\nfor i in range(1_000_000):\n    sys.stdout.write(f'{i}\\n')\n");
  const pid_t main_node = system.pid_of(head_node);
  const long before = resident_kib(main_node);
  const auto task = start_task(system, {{"script", path}});
  auto call = system.call("GET", "/api/v1/tasks/" + task.id + "/output?from=0&follow=true");
  call.limit = 100s;
  std::string rest;
  long expected = 0;
  bool in_order = true;
  json end;
  http_lines(system.gateway(), call, [&](std::string_view line) {
    auto record = json::parse(line, nullptr, false);
    if (record.contains("end")) {
      end = record["end"];
      return false;
    }
    rest += record.value("data", "");
    std::size_t begin = 0;
    for (auto at = rest.find('\n'); at != std::string::npos; at = rest.find('\n', begin)) {
      in_order = in_order && rest.compare(begin, at - begin, std::to_string(expected)) == 0;
      ++expected;
      begin = at + 1;
    }
    rest.erase(0, begin);
    return true;
  });
  EXPECT_TRUE(in_order);
  EXPECT_EQ(expected, 1'000'000);
  EXPECT_EQ(end.value("state", ""), "succeeded") << end;
  EXPECT_LT(resident_kib(main_node), before + 96 * 1024);
}

TEST_F(Task, WhatCannotBeStartedIsRefusedWithAReason) {
  for (const json& body : {json{{"script", "/no/such/script.py"}}, json{{"command", {"/no/such/program"}}}}) {
    const auto got = system.http("POST", "/api/v1/tasks", body.dump());
    EXPECT_EQ(got.status, 422) << body << got.body;
    EXPECT_NE(got.body.find("no/such"), std::string::npos) << got.body;
  }
  for (const json& body : {json::object(), json{{"script", 5}}, json{{"command", "text"}}}) {
    const auto got = system.http("POST", "/api/v1/tasks", body.dump());
    EXPECT_TRUE(got.status == 400 || got.status == 422) << body << got.status << got.body;
  }
  EXPECT_EQ(system.http("GET", "/api/v1/tasks/no-such-task").status, 404);
}

TEST_F(Task, AnEndedTaskIsRemovedAndARunningOneIsNot) {
  const auto task = start_task(system, {{"command", {"/bin/cat"}}, {"stdin", "open"}});
  EXPECT_EQ(system.http("DELETE", "/api/v1/tasks/" + task.id).status, 409);
  EXPECT_EQ(system.http("POST", "/api/v1/tasks/" + task.id + "/stdin?close=true", "x").status, 200);
  EXPECT_EQ(final_state(system, task.id).value("state", ""), "succeeded");
  const auto removed = system.http("DELETE", "/api/v1/tasks/" + task.id).status;
  EXPECT_TRUE(removed == 200 || removed == 204) << removed;
  EXPECT_TRUE(system.ask(task.name, "get_state").is("actor_is_not_found"));
  EXPECT_EQ(final_state(system, task.id).value("state", ""), "succeeded") << "the history knows it";
}

TEST_F(Task, NoProcessOfATaskOutlivesTheSystem) {
  start_task(system, {{"command", {"/bin/sh", "-c", "setsid " + own_sleep() + " & " + own_sleep()}}});
  ASSERT_TRUE(eventually(5s, [] { return processes_that_name(own_sleep()).size() >= 2; }));
  EXPECT_EQ(system.quit(), (exit_state{false, 0}));
  EXPECT_TRUE(processes_that_name(own_sleep()).empty()) << to_string(processes_that_name(own_sleep()));
}

} // namespace
