#include "tests/system/harness/proc_table.hpp"
#include "tests/system/harness/program_paths.hpp"
#include "tests/system/tasks/task_runs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <map>
#include <random>

namespace {

using namespace system_test;

system_options with_limit(int at_once, int queue = 1'000) {
  system_options options;
  options.config = {{"tasks", {{"runs_at_once", at_once}, {"queue", queue}}}, {"venvs", {{"use", false}}}};
  return options;
}

json state_of(const test_system& system, const std::string& id) {
  return json::parse(system.http("GET", "/api/v1/tasks/" + id).body, nullptr, false);
}

json list(const test_system& system, const std::string& query) {
  return json::parse(system.http("GET", "/api/v1/tasks?" + query).body, nullptr, false);
}

/// Notes its beginning and its end, as one write each, in the order in which they happened.
std::string noting_script(const test_system& system, const std::string& seconds) {
  return system.folder().write("note.sh", "echo \"+ $1\" >> \"$2\"; sleep " + seconds + "; echo \"- $1\" >> \"$2\"\n", true).string();
}

struct course {
  std::vector<std::string> begun; ///< in this order
  std::map<std::string, int> ends;
  std::size_t most_at_once = 0;
};

course course_of(const std::filesystem::path& file) {
  course out;
  std::ifstream lines{file};
  std::string sign;
  std::string id;
  std::size_t now = 0;
  while (lines >> sign >> id) {
    if (sign == "+") {
      out.begun.push_back(id);
      out.most_at_once = std::max(out.most_at_once, ++now);
    } else {
      ++out.ends[id];
      --now;
    }
  }
  return out;
}

TEST(RunQueue, ARunAboveTheLimitWaitsShowsItsPlaceAndCanBeCancelled) {
  test_system system(with_limit(1, 2));
  const auto first = start_task(system, {{"command", {"/bin/sh", "-c", own_sleep()}}});
  const auto second = start_task(system, {{"command", {"/bin/echo", "second"}}});
  const auto third = start_task(system, {{"command", {"/bin/echo", "third"}}});
  EXPECT_EQ(second.started.value("state", ""), "queued");
  EXPECT_EQ(third.started.value("place", 0), 2) << third.started;
  const auto refused = system.http("POST", "/api/v1/tasks", R"({"command": ["/bin/true"], "id": "toomany"})");
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_NE(refused.body.find("2 wait, which is all that may wait"), std::string::npos) << refused.body;
  EXPECT_TRUE(eventually(10s, [&] { return state_of(system, "toomany").value("state", "") == "rejected"; }));
  const auto queued = list(system, "state=queued");
  ASSERT_EQ(queued["tasks"].size(), 2u) << queued;
  EXPECT_EQ(queued["tasks"][0]["place"], 2);
  EXPECT_EQ(queued["queue"], (json{{"limit", 1}, {"running", 1}, {"waiting", 2}, {"most_waiting", 2}}));
  EXPECT_EQ(system.ask(third.name, "get_params").body.dump().find("\"place\"") == std::string::npos, false);
  EXPECT_EQ(system.http("POST", "/api/v1/tasks/" + second.id + "/cancel").status, 202);
  EXPECT_EQ(final_state(system, second.id).value("state", ""), "cancelled");
  EXPECT_TRUE(eventually(10s, [&] { return state_of(system, third.id).value("place", 0) == 1; }));
  EXPECT_EQ(system.http("POST", "/api/v1/tasks/" + first.id + "/cancel").status, 202);
  EXPECT_EQ(follow_output(system, third.id).out, "third\n");
}

TEST(RunQueue, TwoHundredRunsAreNeverMoreThanFourAtOnceAndComeInTheirOrder) {
  constexpr int runs = 200;
  test_system system(with_limit(4));
  const auto script = noting_script(system, "0.05");
  const auto file = system.folder().path() / "course";
  std::vector<std::string> ids;
  for (int i = 0; i < runs; ++i) {
    ids.push_back(start_task(system, {{"script", script}, {"args", {std::to_string(i), file.string()}}}).id);
    ASSERT_NE(ids.back(), "");
  }
  EXPECT_GT(list(system, "limit=1")["queue"].value("waiting", 0), 0);
  for (const auto& id : ids) {
    EXPECT_EQ(final_state(system, id, 60s).value("state", ""), "succeeded");
  }
  const auto seen = course_of(file);
  EXPECT_LE(seen.most_at_once, 4u);
  ASSERT_EQ(seen.begun.size(), static_cast<std::size_t>(runs));
  for (int i = 0; i < runs; ++i) { // four start side by side, and one of them may be slow
    EXPECT_NEAR(std::stoi(seen.begun[static_cast<std::size_t>(i)]), i, 40);
  }
  EXPECT_EQ(system.ask(R"({"system": "king", "node": "first.daemon", "entity": "troupe.runs"})", "get_run_queue").body.value("running", 0), 0);
}

TEST(RunQueue, KillsOfTheNodeAndOfTheDaemonLoseAndDoubleNothing) {
  constexpr int runs = 60;
  const auto seed = std::random_device{}();
  std::mt19937 random{seed};
  test_system system(with_limit(4));
  const auto script = noting_script(system, "0.2");
  const auto file = system.folder().path() / "course";
  std::vector<std::string> ids;
  for (int i = 0; i < runs; ++i) {
    ids.push_back(start_task(system, {{"script", script}, {"args", {std::to_string(i), file.string()}}}).id);
  }
  for (int kill = 0; kill < 4; ++kill) {
    const auto begun = course_of(file).begun.size() + random() % 6;
    EXPECT_TRUE(eventually(30s, [&] { return course_of(file).begun.size() >= std::min<std::size_t>(begun, runs); })) << seed;
    if (kill % 2 == 0) {
      ::kill(system.pid_of(head_node), SIGKILL);
    } else {
      system.kill_daemon();
      system.start_daemon();
    }
  }
  for (const auto& id : ids) {
    EXPECT_TRUE(eventually(60s, [&] { return state_of(system, id).value("state", "") == "succeeded"; }))
      << seed << ": " << state_of(system, id);
  }
  const auto seen = course_of(file);
  EXPECT_LE(seen.most_at_once, 4u) << seed;
  EXPECT_EQ(seen.begun.size(), static_cast<std::size_t>(runs)) << seed;
  EXPECT_EQ(seen.ends.size(), static_cast<std::size_t>(runs)) << seed;
}

TEST(RunDoors, AProgramFollowsItsRunToTheNextPortOfTheGateway) {
  test_system system;
  const auto path = system.folder().write("long.sh", "echo begin; while [ ! -e \"$1\" ]; do sleep 0.05; done; echo end\n", true);
  const auto go = (system.folder().path() / "go").string();
  program run({{programs().troupe, "--state-dir", system.state_dir(), "run", path.string(), "--", go}, {}, {}});
  ASSERT_TRUE(run.out().wait_for("begin", scaled(20s)));
  const auto before = system.ready().value("api", "");
  ::kill(system.pid_of(head_node), SIGKILL);
  ASSERT_TRUE(eventually(30s, [&] {
    std::ifstream file{system.state_dir() / "ready.json"};
    const auto now = json::parse(file, nullptr, false);
    return now.is_object() && now.value("api", before) != before;
  }));
  std::ofstream{go} << "x";
  EXPECT_TRUE(run.out().wait_for("end", scaled(20s))) << run.err().text();
  EXPECT_EQ(run.wait_exit(scaled(20s)), (exit_state{false, 0})) << run.err().text();
  system.expect_killed();
  ::kill(system.daemon().pid(), SIGTERM); // the harness knows the old port only
  EXPECT_EQ(system.daemon().wait_exit(scaled(20s)), (exit_state{false, 0}));
}

TEST(RunDoors, AValueIsSentToAScriptThatKnowsThePortOfTheBridge) {
  system_options options;
  options.config = {{"bridge", {{"port", 0}}}};
  test_system system(options);
  const auto path = system.folder().write("hear.py", "import os\nfrom ompy.appmanager.observer import read_json_from_observer\n"
                                                     "print(os.environ['RESOURCE_SERVER_LOCAL_PORT'], flush=True)\n"
                                                     "print(read_json_from_observer())\n");
  const auto task = start_task(system, {{"script", path.string()}});
  const auto send = [&](const std::string& value) {
    program_options what;
    what.argv = {programs().troupe, "--state-dir", system.state_dir(), "tasks", "send-json", task.id, value};
    return run_program(what, scaled(20s));
  };
  EXPECT_EQ(send("{no json").state, (exit_state{false, 2}));
  EXPECT_EQ(send(R"({"rows": 10})").state, (exit_state{false, 0}));
  const auto bridge = system.ready().value("bridge", "");
  EXPECT_EQ(follow_output(system, task.id).out, bridge.substr(bridge.rfind(':') + 1) + "\n{'rows': 10}\n");
}

TEST(RunQueue, TheCommandLineSaysWhereARunIsAndFollowsIt) {
  test_system system(with_limit(1));
  const auto first = start_task(system, {{"command", {"/bin/sh", "-c", "sleep 1"}}});
  const auto path = system.folder().write("mine.sh", "cat\n", true).string();
  program_options command;
  command.argv = {programs().troupe, "--state-dir", system.state_dir(), "run", path};
  const auto ran = run_program(command, scaled(30s), "mine\n");
  EXPECT_EQ(ran.out, "mine\n");
  EXPECT_NE(ran.err.find("waits for its turn: place 1 of the queue"), std::string::npos) << ran.err;
  EXPECT_EQ(final_state(system, first.id).value("state", ""), "succeeded");
}

} // namespace
