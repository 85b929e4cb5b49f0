#include "tests/system/venvs/venv_system.hpp"

#include "tests/system/harness/proc_table.hpp"

#include <csignal>

namespace {

using namespace system_test;

TEST_F(VenvSystem, AScriptRunsInTheDefaultEnvironmentWithItsPythonFirst) {
  begin({{"use", true}});
  const auto path = script("where.py", R"py(import os, subprocess, sys
print(sys.prefix)
print(os.environ["VIRTUAL_ENV"])
print(subprocess.check_output(["python", "-c", "import sys; print(sys.prefix)"], text=True), end="")
)py");
  const auto place = (system->state_dir() / "venvs" / "default").string();
  const auto task = start_task(*system, {{"script", path}});
  const auto output = follow_output(*system, task.id, scaled(60s));
  EXPECT_EQ(output.out, place + "\n" + place + "\n" + place + "\n") << output.err;
  EXPECT_EQ(output.end.value("venv", ""), "default") << output.end;
  EXPECT_TRUE(eventually(scaled(5s), [&] { return state("default")["users"].empty(); })) << state("default");
}

TEST_F(VenvSystem, ANamedEnvironmentIsMadeEmptyAndGoesWithItsLastRunIfThatIsAskedFor) {
  begin();
  const auto path = script("small.py", "import sys\nprint(sys.prefix)\nsys.stdin.read()\n");
  const json params{{"venv_name", "venv1"}, {"clean_venv", true}};
  const auto first = start_task(*system, {{"script", path}, {"params", params}, {"stdin", "open"}});
  const auto second = start_task(*system, {{"script", path}, {"params", {{"venv_name", "venv1"}}}, {"stdin", "open"}});
  ASSERT_TRUE(eventually(scaled(30s), [&] { return state("venv1")["users"].size() == 2; })) << state("venv1");
  EXPECT_TRUE(builder("delete_venv", {{"name", "venv1"}}).is("venv_is_not_deleted"));
  EXPECT_TRUE(builder("install", {{"name", "venv1"}, {"packages", {"small"}}}).is("packages_are_not_installed"));
  system->http("POST", "/api/v1/tasks/" + first.id + "/stdin?close=true");
  EXPECT_EQ(final_state(*system, first.id, scaled(30s)).value("state", ""), "succeeded");
  ASSERT_TRUE(eventually(scaled(5s), [&] { return state("venv1")["users"].size() == 1; }));
  EXPECT_EQ(state("venv1")["state"], "ready");
  system->http("POST", "/api/v1/tasks/" + second.id + "/stdin?close=true");
  EXPECT_EQ(final_state(*system, second.id, scaled(30s)).value("state", ""), "succeeded");
  EXPECT_TRUE(becomes("venv1", "absent")) << state("venv1");
}

TEST_F(VenvSystem, ARunWaitsAsPreparingAndItsReaderSeesTheBuildersLines) {
  begin({{"python", slow_python()}});
  const auto path = script("hello.py", "print('hello')\n");
  const auto task = start_task(*system, {{"script", path}, {"venv", "slow"}});
  EXPECT_EQ(task.started.value("state", ""), "preparing");
  EXPECT_EQ(system->ask(task.name, "get_state").body.value("state", ""), "preparing");
  std::string seen;
  ASSERT_TRUE(eventually(scaled(30s), [&] {
    const auto page = system->ask(task.name, "read_output", {{"from", 0}}).body;
    seen = page.dump();
    return seen.find("waiting for go") != std::string::npos;
  })) << seen;
  EXPECT_NE(seen.find("\"stream\":\"note\""), std::string::npos) << seen;
  const auto move = system->ask(nullptr, "recreate_actor", {{"entity", "venv_builder"}, {"node", system->create_process()}});
  EXPECT_TRUE(move.is("actor_is_not_recreated")) << move;
  EXPECT_NE(move.body.dump().find("builds the environment slow"), std::string::npos) << move;
  go();
  const auto output = follow_output(*system, task.id, scaled(60s));
  EXPECT_EQ(output.out, "hello\n");
  EXPECT_EQ(output.end.value("state", ""), "succeeded") << output.end;
  ASSERT_FALSE(output.records.empty());
  EXPECT_EQ(output.records.front().value("stream", ""), "note") << "the lines stay before the script's output";
  std::uint64_t next = 0;
  for (const auto& record : output.records) {
    EXPECT_EQ(record.value("seq", std::uint64_t{0}), next++);
  }
  const auto moved = system->ask(nullptr, "recreate_actor", {{"entity", "venv_builder"}, {"node", system->create_process()}}, scaled(10s));
  EXPECT_TRUE(moved.is("actor_is_recreated")) << moved;
  EXPECT_EQ(state("slow")["state"], "ready");
}

TEST_F(VenvSystem, ARunThatIsCancelledWhileItsEnvironmentIsMadeNeverRuns) {
  begin({{"python", slow_python()}});
  const auto task = start_task(*system, {{"script", script("a.py", "print(1)\n")}, {"venv", "slow"}});
  ASSERT_EQ(task.started.value("state", ""), "preparing");
  EXPECT_TRUE(system->ask(task.name, "cancel").is("task_is_stopping"));
  const auto end = final_state(*system, task.id);
  EXPECT_EQ(end.value("state", ""), "cancelled") << end;
  go();
  EXPECT_TRUE(becomes("slow", "ready"));
  EXPECT_EQ(state("slow")["users"], json::array());
}

TEST_F(VenvSystem, ARunWhoseEnvironmentCannotBeMadeIsRejectedWithTheToolsWords) {
  begin({{"python", script("no_python", "#!/bin/sh\necho no room left >&2\nexit 7\n")}});
  const auto task = start_task(*system, {{"script", script("a.py", "print(1)\n")}, {"venv", "bad"}});
  const auto end = final_state(*system, task.id);
  EXPECT_EQ(end.value("state", ""), "rejected") << end;
  EXPECT_NE(end.value("reason", "").find("no room left"), std::string::npos) << end;
  const auto again = system->http("POST", "/api/v1/tasks", json{{"script", script("b.py", "")}, {"venv", "bad"}}.dump());
  EXPECT_EQ(again.status, 422) << again.body;
  for (const auto* params : {R"({"venv_name": "///"})", R"({"venv_name": 5})", R"({"clean_venv": "yes"})"}) {
    const auto refused =
      system->http("POST", "/api/v1/tasks", json{{"script", "/a.py"}, {"params", json::parse(params)}}.dump());
    EXPECT_EQ(refused.status, 400) << params << refused.body;
  }
}

TEST_F(VenvSystem, AWaitingRunGetsItsEnvironmentThoughTheBuildersProcessDies) {
  begin({{"python", slow_python()}});
  const auto node = system->create_process();
  const auto moved = system->ask(nullptr, "recreate_actor", {{"entity", "venv_builder"}, {"node", node}}, scaled(10s));
  ASSERT_TRUE(moved.is("actor_is_recreated")) << moved;
  const auto task = start_task(*system, {{"script", script("a.py", "print('done')\n")}, {"venv", "v"}});
  ASSERT_EQ(task.started.value("state", ""), "preparing");
  system->expect_killed();
  ASSERT_EQ(::kill(system->pid_of(node), SIGKILL), 0);
  go();
  const auto output = follow_output(*system, task.id, scaled(60s));
  EXPECT_EQ(output.out, "done\n");
  EXPECT_EQ(output.end.value("state", ""), "succeeded") << output.end;
}

TEST_F(VenvSystem, ADefaultEnvironmentIsMadeAnewAfterAnOrderlyEndOnly) {
  begin({{"use", true}});
  ASSERT_TRUE(becomes("default", "ready")) << "in the background, without anybody asking: " << state("default");
  const auto installed = builder("install", {{"name", "default"}, {"packages", {"small"}}});
  ASSERT_TRUE(installed.is("packages_are_installed")) << installed;
  system->kill_daemon();
  system->start_daemon();
  EXPECT_EQ(builder("list", {{"name", "default"}}).body["packages"], json::array({"small"}));
  begin_again();
  ASSERT_TRUE(becomes("default", "ready"));
  EXPECT_EQ(builder("list", {{"name", "default"}}).body["packages"], json::array());
}

TEST_F(VenvSystem, AScriptMayInstallIntoTheEnvironmentItAloneRunsIn) {
  begin();
  const auto task = start_task(*system, {{"script", script("a.py", "input()\nimport small\nprint(small.version)\n")},
                                         {"venv", "own"},
                                         {"stdin", "open"}});
  ASSERT_TRUE(eventually(scaled(30s), [&] { return state("own")["users"] == json::array({task.id}); }));
  EXPECT_TRUE(builder("install", {{"name", "own"}, {"packages", {"small==1.0"}}}).is("packages_are_not_installed"));
  const auto own = builder("install", {{"name", "own"}, {"packages", {"small==1.0"}}, {"run", task.id}});
  ASSERT_TRUE(own.is("packages_are_installed")) << own;
  system->http("POST", "/api/v1/tasks/" + task.id + "/stdin?close=true", "go\n");
  EXPECT_EQ(follow_output(*system, task.id, scaled(30s)).out, "1.0\n");
}

} // namespace
