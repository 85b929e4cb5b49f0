#include "tests/system/tasks/runs_in_a_row.hpp"
#include "tests/system/tasks/task_runs.hpp"

#include <gtest/gtest.h>

#include <set>

namespace {

using namespace system_test;

/// A system whose tasks lose their actors soon after their ends.
system_options forgetful(json more = json::object()) {
  system_options options;
  json history{{"keep_actor_s", 0}};
  history.update(more);
  options.config = {{"tasks", {{"history", history}}}};
  return options;
}

json get(const test_system& system, const std::string& target) {
  return json::parse(system.http("GET", target).body, nullptr, false);
}

std::vector<std::string> ids_of(const json& page) {
  std::vector<std::string> ids;
  const auto tasks = page.value("tasks", json::array());
  for (const auto& one : tasks) {
    ids.push_back(one.value("id", ""));
  }
  return ids;
}

bool actor_is_gone(const test_system& system, const std::string& id) {
  return eventually(20s, [&] { return system.ask("task_" + id, "get_state").is("actor_is_not_found"); });
}

json shell(const std::string& text) { return {{"command", {"/bin/sh", "-c", text}}}; }

TEST(TaskHistory, ATaskIsReachedByItsIdWhenItsActorIsGone) {
  test_system system(forgetful());
  auto body = shell("echo first; echo second >&2; exit 3");
  body["params"] = {{"rows", 7}};
  const auto id = start_task(system, body).id;
  ASSERT_EQ(final_state(system, id).value("state", ""), "failed");
  ASSERT_TRUE(actor_is_gone(system, id));
  const auto state = get(system, "/api/v1/tasks/" + id);
  EXPECT_EQ(state.value("state", ""), "failed") << state;
  EXPECT_EQ(state.value("exit_code", -1), 3) << state;
  EXPECT_EQ(state["params"], (json{{"rows", 7}})) << state;
  EXPECT_EQ(state["limits"]["memory_mb"], 100) << state;
  EXPECT_LT(state.value("accepted_at", ""), state.value("ended_at", "")) << state;
  EXPECT_TRUE(eventually(20s, [&] { return !get(system, "/api/v1/tasks/" + id).value("has_actor", true); }));

  const auto output = follow_output(system, id);
  EXPECT_EQ(output.out, "first\n");
  EXPECT_EQ(output.err, "second\n");
  EXPECT_EQ(output.end.value("state", ""), "failed") << output.end;
  const auto rest = system.http("GET", "/api/v1/tasks/" + id + "/output?from=1");
  EXPECT_EQ(rest.body.find("\"seq\":0"), std::string::npos) << rest.body;
  EXPECT_NE(rest.body.find("\"seq\":1"), std::string::npos) << rest.body;
  EXPECT_EQ(get(system, "/api/v1/tasks/" + id + "/tree").value("id", ""), id);
  EXPECT_EQ(system.http("POST", "/api/v1/tasks/" + id + "/cancel").status, 409);
  EXPECT_EQ(system.http("DELETE", "/api/v1/tasks/" + id).status, 204);

  const auto again = system.http("POST", "/api/v1/tasks/" + id + "/rerun", "{}");
  ASSERT_EQ(again.status, 201) << again.body;
  const auto second = json::parse(again.body).value("id", "");
  EXPECT_NE(second, id);
  EXPECT_EQ(follow_output(system, second).out, "first\n");
  EXPECT_EQ(system.http("GET", "/api/v1/tasks/none").status, 404);
  EXPECT_EQ(system.http("GET", "/api/v1/tasks/none/output").status, 404);
  EXPECT_EQ(system.http("POST", "/api/v1/tasks/none/rerun").status, 404);
}

TEST(TaskHistory, AListIsFilteredAndReadInPages) {
  test_system system;
  const auto path = system.folder().write("report.sh", "exit 5\n", true).string();
  std::set<std::string> failed;
  for (int i = 0; i < 5; ++i) {
    failed.insert(start_task(system, {{"script", path}}).id);
  }
  const auto running = start_task(system, shell(own_sleep())).id;
  for (const auto& id : failed) {
    EXPECT_EQ(final_state(system, id).value("state", ""), "failed");
  }
  ASSERT_TRUE(eventually(20s, [&] { return ids_of(get(system, "/api/v1/tasks?state=failed")).size() == 5; }));
  EXPECT_EQ(ids_of(get(system, "/api/v1/tasks?state=active")), std::vector{running});
  EXPECT_EQ(ids_of(get(system, "/api/v1/tasks?script=report.sh&limit=10")).size(), 5u);
  EXPECT_TRUE(ids_of(get(system, "/api/v1/tasks?script=port.sh")).empty());
  EXPECT_TRUE(ids_of(get(system, "/api/v1/tasks?since=2999-01-01")).empty());
  std::vector<std::string> all;
  std::string after;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = get(system, "/api/v1/tasks?limit=2" + after);
    for (const auto& id : ids_of(page)) {
      all.push_back(id);
    }
    if (!page["next"].is_number()) {
      break;
    }
    after = "&after=" + page["next"].dump();
  }
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(all.front(), running) << "the newest first";
  EXPECT_EQ(std::set<std::string>(all.begin() + 1, all.end()), failed);
  for (const char* bad : {"limit=0", "limit=x", "limit=5000", "since=yesterday", "after=-1"}) {
    EXPECT_EQ(system.http("GET", std::string{"/api/v1/tasks?"} + bad).status, 400) << bad;
  }
}

TEST(TaskHistory, OutlivesADaemonThatIsKilledAndAnOrderlyEnd) {
  test_system system(forgetful());
  const auto ended = start_task(system, shell("echo kept")).id;
  const auto running = start_task(system, shell(own_sleep())).id;
  ASSERT_EQ(final_state(system, ended).value("state", ""), "succeeded");
  system.kill_daemon();
  // Its end comes while nobody is there to write it down.
  (void)system.http("POST", "/api/v1/tasks/" + running + "/cancel");
  system.start_daemon();
  ASSERT_TRUE(eventually(30s, [&] {
    return ids_of(get(system, "/api/v1/tasks?state=cancelled")) == std::vector{running};
  })) << get(system, "/api/v1/tasks");
  EXPECT_EQ(ids_of(get(system, "/api/v1/tasks")), (std::vector{running, ended}));
  EXPECT_EQ(follow_output(system, ended).out, "kept\n");
  const auto last = start_task(system, shell(own_sleep())).id;
  ASSERT_TRUE(system.quit());
  system.start_daemon();
  const auto state = get(system, "/api/v1/tasks/" + last);
  EXPECT_EQ(state.value("state", ""), "cancelled") << state;
  EXPECT_EQ(ids_of(get(system, "/api/v1/tasks")), (std::vector{last, running, ended}));
  EXPECT_EQ(follow_output(system, ended).out, "kept\n");
}

TEST(TaskHistory, OldRunsGoWithTheirOutputAndKeepTheirWorkFolders) {
  test_system system(forgetful({{"max_runs", 2}}));
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(start_task(system, shell("echo x; echo mine > file")).id);
    ASSERT_EQ(final_state(system, ids.back()).value("state", ""), "succeeded");
  }
  EXPECT_TRUE(eventually(30s, [&] { return ids_of(get(system, "/api/v1/tasks")) == (std::vector{ids[3], ids[2]}); }))
    << get(system, "/api/v1/tasks");
  const auto folder = system.state_dir() / "runs" / ids[0];
  EXPECT_TRUE(eventually(10s, [&] { return !std::filesystem::exists(folder / "spool"); }));
  EXPECT_TRUE(std::filesystem::exists(folder / "work" / "file"));
  EXPECT_EQ(system.http("GET", "/api/v1/tasks/" + ids[0]).status, 404);
  EXPECT_EQ(follow_output(system, ids[3]).out, "x\n");
}

TEST(TaskHistory, ThreeHundredRunsInARowLeaveNothingInTheirNode) {
  test_system system(forgetful({{"max_actors", 20}}));
  run_in_a_row(system, 300);
}

} // namespace
