// AT-11: the daemon is killed and started again; what it had goes on.
#include "tests/system/harness/proc_table.hpp"
#include "tests/system/harness/program_paths.hpp"
#include "tests/system/harness/test_system.hpp"
#include "tests/system/tasks/task_runs.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <map>
#include <thread>

namespace {

using namespace system_test;

/// Two nodes beside the main one, with a metronome each that asks the other one all the time, and a counter.
class AT11KilledDaemon : public testing::Test {
protected:
  AT11KilledDaemon() {
    left = system.create_process();
    right = system.create_process();
    system.create_actor(left, "tick", "Metronome");
    system.create_actor(right, "tock", "Metronome");
    system.create_actor(head_node, "counter", "Counter");
    system.set_params("tick", {{"partner", "tock"}});
    system.set_params("tock", {{"partner", "tick"}});
    EXPECT_EQ(system.ask("tick", "start").command, "started");
    EXPECT_EQ(system.ask("tock", "start").command, "started");
    EXPECT_EQ(system.ask("counter", "add", {{"n", 41}}).command, "count");
    EXPECT_TRUE(beats_go_on());
    pids = pids_now();
    EXPECT_EQ(pids.size(), 3u);
  }

  std::map<std::string, pid_t> pids_now() const {
    std::map<std::string, pid_t> all;
    for (const auto& node : {head_node, left, right}) {
      if (const auto pid = system.pid_of(node); pid != 0) {
        all[node] = pid;
      }
    }
    return all;
  }

  json score(const std::string& name) const { return system.ask(name, "get").body; }

  /// Both tick on, and each hears the other.
  bool beats_go_on() const {
    const auto tick = score("tick");
    const auto tock = score("tock");
    return eventually(5s, [&] {
      const auto more = score("tick");
      const auto more_of_other = score("tock");
      return more.is_object() && more_of_other.is_object() && more["ticks"] > tick.value("ticks", 0) + 5 &&
             more["answered"] > tick.value("answered", 0) + 5 && more_of_other["ticks"] > tock.value("ticks", 0) + 5 &&
             more_of_other["answered"] > tock.value("answered", 0) + 5;
    });
  }

  /// `more`: a node beside them.
  void expect_the_same_system(const std::string& more = {}) const {
    EXPECT_EQ(pids_now(), pids) << "no process was started anew";
    const auto all = system.ask(head_node, "get_all_nodes");
    ASSERT_EQ(all.command, "all_nodes") << all;
    auto nodes = all.body.get<std::vector<std::string>>();
    std::ranges::sort(nodes);
    auto expected = std::vector<std::string>{head_node, left, right};
    if (!more.empty()) {
      expected.push_back(more);
      std::ranges::sort(expected);
    }
    EXPECT_EQ(nodes, expected);
    for (const auto& [name, node] : std::map<std::string, std::string>{{"tick", left}, {"tock", right}, {"counter", head_node}}) {
      const auto found = system.ask(head_node, "seek_actor", {{"entity", name}});
      EXPECT_EQ(found.body.value("node", ""), node) << name << found;
      for (const auto& where : {head_node, left, right}) {
        const auto again = system.ask(where, "create_actor", actor_body(name, "Echo"), 4s);
        EXPECT_EQ(again.command, "actor_is_not_created") << name << " a second time on " << where << again;
      }
    }
    EXPECT_EQ(system.ask("counter", "get").body.value("value", 0), 41);
    EXPECT_EQ(score("tick").value("failed", -1), 0);
    EXPECT_EQ(score("tock").value("failed", -1), 0);
  }

  void expect_orderly_end() {
    const auto state = system.quit();
    EXPECT_EQ(state, (exit_state{false, 0})) << to_string(state) << system.report();
    system.expect_no_process(1s);
  }

  test_system system;
  std::string left;
  std::string right;
  std::map<std::string, pid_t> pids;
};

TEST_F(AT11KilledDaemon, ActorsGoOnWhileItIsAwayAndAfterwards) {
  system.kill_daemon();
  EXPECT_TRUE(beats_go_on()) << "without a daemon";
  const auto took = system.start_daemon();
  EXPECT_LT(took, scaled(2000ms));
  RecordProperty("restart_ms", static_cast<int>(took.count()));
  EXPECT_TRUE(beats_go_on());
  expect_the_same_system();
  expect_orderly_end();
}

TEST_F(AT11KilledDaemon, TheGatewayKeepsItsAddressAndNewThingsCanBeMade) {
  const auto api = system.ready().at("api");
  system.kill_daemon();
  system.start_daemon();
  EXPECT_EQ(system.ready().at("api"), api);
  EXPECT_EQ(system.ask(head_node, "get_services").body.value("api", ""), api.get<std::string>());
  const auto made = system.create_process();
  EXPECT_EQ(made, "first.process_2.admin") << "numbers go on";
  system.create_actor(made, "fresh", "Echo");
  system.create_actor(left, "fresh_on_old", "Echo");
  const auto asked = system.ask("fresh_on_old", "forward_ask", {{"to", "fresh"}, {"command", "who"}, {"body", nullptr}});
  EXPECT_EQ(asked.body.at("body").value("node", ""), made) << asked;
  EXPECT_EQ(system.ask(left, "remove_actor", {{"name", "tick"}}).command, "actor_is_removed");
  EXPECT_EQ(system.ask(head_node, "seek_actor", {{"entity", "tick"}}).command, "actor_is_not_found");
  system.create_actor(right, "tick", "Echo");
  const auto removed = system.ask(head_node, "remove_process", {{"node", left}}, 8s);
  EXPECT_EQ(removed.command, "process_is_removed") << removed;
  EXPECT_TRUE(removed.body.is_null()) << "an adopted process ends in order too: " << removed;
  expect_orderly_end();
}

TEST_F(AT11KilledDaemon, FiveTimesInARow) {
  for (int i = 0; i < 5; ++i) {
    system.kill_daemon();
    const auto took = system.start_daemon();
    EXPECT_LT(took, scaled(2000ms)) << "start " << i;
  }
  EXPECT_TRUE(beats_go_on());
  expect_the_same_system();
  expect_orderly_end();
}

TEST_F(AT11KilledDaemon, ItMayBeKilledWhileItTakesOver) {
  system.kill_daemon();
  for (const auto wait : {0ms, 5ms, 20ms, 40ms, 80ms}) {
    program_options again;
    again.argv = daemon_command(system.folder().path() / "config.json", system.state_dir());
    again.environment = {{"SYSTEM_TEST_MARK", system.folder().path()}};
    program early(std::move(again));
    // sleep: to be killed at different steps of its start is what is tested
    std::this_thread::sleep_for(wait);
    early.signal(SIGKILL);
    early.wait_exit(5s);
  }
  system.start_daemon();
  EXPECT_TRUE(beats_go_on());
  expect_the_same_system();
  expect_orderly_end();
}

TEST_F(AT11KilledDaemon, WhatNodesPrintComesToTheNextDaemon) {
  system.create_actor(left, "printer", "Echo");
  system.kill_daemon();
  EXPECT_EQ(system.ask("printer", "print", {{"text", "said while nobody listened"}}).command, "actor_has_failed")
    << "a place that nobody knows is asked for at the daemon";
  system.start_daemon();
  EXPECT_EQ(system.ask("printer", "print", {{"text", "said to the next one"}}).command, "printed");
  EXPECT_TRUE(system.printed().wait_for("[" + left + "] said to the next one", 5s)) << system.report();
  system.kill_daemon();
  EXPECT_EQ(system.ask("printer", "print", {{"text", "said while nobody listened"}}).command, "printed");
  system.start_daemon();
  EXPECT_TRUE(system.printed().wait_for("[" + left + "] said while nobody listened", 5s)) << "it waits in the pipe";
  EXPECT_NE(system.report().find("a daemon is there again"), std::string::npos) << "so does the log";
  expect_orderly_end();
}

TEST_F(AT11KilledDaemon, ANodeThatDiedMeanwhileComesBackAndTheOthersGoOn) {
  system.kill_daemon();
  ASSERT_EQ(kill(pids[right], SIGKILL), 0);
  EXPECT_TRUE(eventually(5s, [&] { return score("tick").value("failed", 0) > 5; })) << "its partner hears of it";
  const auto took = system.start_daemon();
  EXPECT_LT(took, scaled(2500ms));
  EXPECT_EQ(system.pid_of(left), pids[left]);
  EXPECT_EQ(system.pid_of(head_node), pids[head_node]);
  EXPECT_NE(system.pid_of(right), 0);
  EXPECT_NE(system.pid_of(right), pids[right]);
  EXPECT_EQ(system.ask(left, "create_actor", actor_body("tock", "Echo"), 4s).command, "actor_is_not_created");
  EXPECT_EQ(system.ask(head_node, "seek_actor", {{"entity", "tock"}}).body.value("node", ""), right);
  EXPECT_EQ(system.ask("tock", "beat").command, "beaten");
  EXPECT_TRUE(eventually(5s, [&] {
    const auto before = score("tick").value("answered", 0);
    return eventually(500ms, [&] { return score("tick").value("answered", 0) > before + 5; });
  })) << "the name is found at its new place";
  expect_orderly_end();
}

TEST_F(AT11KilledDaemon, ATemporaryNodeThatDiedMeanwhileIsDroppedAndOneThatLivesIsTakenOver) {
  const auto make = [&] {
    return system.ask(head_node, "create_process", {{"restart", "temporary"}}, 8s).body.value("node", "");
  };
  const auto living = make();
  const auto dying = make();
  system.create_actor(living, "on_living", "Echo");
  system.create_actor(dying, "on_dying", "Echo");
  const auto pid = system.pid_of(living);
  system.kill_daemon();
  ASSERT_EQ(kill(system.pid_of(dying), SIGKILL), 0);
  system.start_daemon();
  EXPECT_EQ(system.pid_of(living), pid);
  EXPECT_EQ(system.ask("on_living", "who").command, "here_is");
  EXPECT_EQ(system.ask(right, "create_actor", actor_body("on_living", "Echo"), 4s).command, "actor_is_not_created");
  EXPECT_EQ(system.ask("on_dying", "who").command, "actor_is_not_found");
  EXPECT_EQ(system.ask(head_node, "get_all_nodes").body.dump().find(dying), std::string::npos);
  expect_the_same_system(living);
  expect_orderly_end();
}

TEST_F(AT11KilledDaemon, AnAdoptedNodeThatIsKilledComesBackWithItsActors) {
  system.kill_daemon();
  system.start_daemon();
  ASSERT_EQ(kill(pids[right], SIGKILL), 0);
  EXPECT_TRUE(eventually(5s, [&] { return system.pid_of(right) != 0 && system.pid_of(right) != pids[right]; }));
  EXPECT_EQ(system.ask("tock", "beat", nullptr, 6s).command, "beaten");
  EXPECT_EQ(system.ask("tock", "get_params").body.dump().find("tick") == std::string::npos, false)
    << "its parameters were kept before the daemon was killed";
  EXPECT_TRUE(eventually(5s, [&] {
    const auto before = score("tick").value("answered", 0);
    return eventually(500ms, [&] { return score("tick").value("answered", 0) > before + 5; });
  }));
  expect_orderly_end();
}

TEST_F(AT11KilledDaemon, AnAdoptedNodeThatDiesLaterIsNoticedAtOnce) {
  system.kill_daemon();
  system.start_daemon();
  ASSERT_EQ(kill(pids[right], SIGKILL), 0);
  EXPECT_TRUE(eventually(2s, [&] { return !is_alive(pids[right]); }));
  EXPECT_TRUE(eventually(2s, [&] { return system.report().find(right + " (pid " + std::to_string(pids[right]) + ") died") != std::string::npos; }))
    << system.report();
  EXPECT_NE(system.report().find("how it ended is unknown"), std::string::npos);
  expect_orderly_end();
}

TEST_F(AT11KilledDaemon, AStoppedNodeIsJudgedAndDoesNotHoldUpTheRest) {
  system.kill_daemon();
  ASSERT_EQ(kill(pids[right], SIGSTOP), 0);
  const auto took = system.start_daemon();
  EXPECT_LT(took, scaled(4000ms));
  reap_orphans();
  EXPECT_FALSE(is_alive(pids[right])) << "names are given away only when its end was seen";
  EXPECT_EQ(system.ask("counter", "get").body.value("value", 0), 41);
  expect_orderly_end();
}

TEST_F(AT11KilledDaemon, AMainNodeThatDiedMeanwhileComesBackWithItsGateway) {
  system.kill_daemon();
  ASSERT_EQ(kill(pids[head_node], SIGKILL), 0);
  EXPECT_TRUE(eventually(5s, [&] { return !is_alive(pids[head_node]); }));
  system.start_daemon();
  EXPECT_EQ(system.pid_of(left), pids[left]);
  EXPECT_NE(system.pid_of(head_node), pids[head_node]);
  EXPECT_TRUE(beats_go_on());
  expect_orderly_end();
}

TEST_F(AT11KilledDaemon, ANameThatWasRemovedMeanwhileIsFree) {
  system.create_actor(left, "passing", "Echo");
  system.kill_daemon();
  EXPECT_EQ(system.ask(left, "remove_actor", {{"name", "passing"}}).command, "actor_is_removed");
  system.start_daemon();
  EXPECT_EQ(system.ask("passing", "who").command, "actor_is_not_found");
  system.create_actor(right, "passing", "Echo");
  EXPECT_EQ(system.ask("passing", "who").body.value("node", ""), right);
  expect_the_same_system();
  expect_orderly_end();
}

/// A creation that is asked for while names still come in waits for them, and is answered.
TEST_F(AT11KilledDaemon, CreationsDuringTheTakeOverAreAnsweredAndNamesStayUnique) {
  system.kill_daemon();
  std::atomic<bool> stop{false};
  int timers = 0;
  int created = 0;
  int doubles = 0;
  // With an address of its own: the start of the daemon sets the system's.
  std::thread creator([&, gateway = system.gateway(), call = system.call("POST", "/api/v1/messages", "{}")]() mutable {
    const auto answer_to = [&](const std::string& name) {
      call.body = json{{"type", "ask"},
                       {"recipient", left},
                       {"command", "create_actor"},
                       {"body", actor_body(name, "Echo")},
                       {"timeout", 6}}
                    .dump();
      const auto got = json::parse(http_request(gateway, call).body, nullptr, false);
      return got.is_object() ? got.value("command", "") : std::string();
    };
    for (int i = 0; !stop; ++i) {
      const auto fresh = answer_to("during_" + std::to_string(i));
      timers += fresh == "timer" || fresh.empty() ? 1 : 0;
      created += fresh == "actor_is_created" ? 1 : 0;
      doubles += answer_to("counter") == "actor_is_created" ? 1 : 0;
    }
  });
  ASSERT_EQ(kill(pids[right], SIGSTOP), 0); // so that the names are not settled before it is judged
  system.start_daemon();
  stop = true;
  creator.join();
  EXPECT_EQ(timers, 0) << "each has its answer";
  EXPECT_GT(created, 0) << "those that came while the names were not settled";
  EXPECT_EQ(doubles, 0);
  system.create_actor(left, "afterwards", "Echo");
  expect_orderly_end();
}

TEST_F(AT11KilledDaemon, DownEndsWhatWasTakenOver) {
  system.kill_daemon();
  system.start_daemon();
  const auto down = run_program({{programs().troupe, "--state-dir", system.state_dir(), "down"}, {}, {}}, 20s);
  EXPECT_EQ(down.state, (exit_state{false, 0})) << down.out << down.err;
  EXPECT_EQ(down.err, "") << "nothing had to be forced";
  EXPECT_TRUE(system.daemon().wait_exit(1s));
  system.expect_no_process(1s);
}

TEST_F(AT11KilledDaemon, DownWithoutADaemonEndsWhatItLeft) {
  system.kill_daemon();
  const auto down = run_program({{programs().troupe, "--state-dir", system.state_dir(), "down"}, {}, {}}, 20s);
  EXPECT_EQ(down.state, (exit_state{false, 0})) << down.out << down.err;
  EXPECT_NE(down.err.find("the daemon (process"), std::string::npos) << down.err;
  EXPECT_NE(down.err.find("by SIGTERM"), std::string::npos) << down.err;
  system.expect_no_process(1s);
}

TEST_F(AT11KilledDaemon, ASignalEndsWhatWasTakenOverInOrder) {
  system.kill_daemon();
  system.start_daemon();
  system.daemon().signal(SIGTERM);
  EXPECT_EQ(system.daemon().wait_exit(8s), (exit_state{false, 0}));
  system.expect_no_process(1s);
}

TEST_F(AT11KilledDaemon, ASecondSignalDoesNotWaitForWhatWasTakenOver) {
  system.create_actor(left, "slow", "SlowExit");
  system.set_params("slow", {{"exit_time", 3.5}});
  system.kill_daemon();
  system.start_daemon();
  const auto begin = clock::now();
  system.daemon().signal(SIGTERM);
  EXPECT_FALSE(system.daemon().wait_exit(500ms)) << "the exit hook has its time";
  system.daemon().signal(SIGTERM);
  EXPECT_TRUE(system.daemon().wait_exit(5s));
  EXPECT_LT(since(begin), scaled(2000ms));
  system.expect_no_process(1s);
}

TEST_F(AT11KilledDaemon, NodesThatNobodyHasWrittenDownAreEnded) {
  system.kill_daemon();
  for (const auto* name : {"system.db", "system.db-wal", "system.db-shm"}) {
    std::filesystem::remove(system.state_dir() / name);
  }
  system.start_daemon();
  for (const auto& [node, pid] : pids) {
    EXPECT_FALSE(is_alive(pid)) << node;
  }
  EXPECT_EQ(system.ask(head_node, "get_all_nodes").body, json::array({head_node}));
  expect_orderly_end();
}

TEST(AT11KilledDaemonWithAConfig, TheStartListIsNotRunASecondTime) {
  system_options options;
  options.config = {
    {"processes", {{{"name", "worker"}}}},
    {"actors",
     {{{"name", "total"}, {"node", "first.worker.admin"}, {"class_desc", {{"requires_dist", "test_actors"}, {"class", "Counter"}}}}}},
    {"start", {{{"type", "ask"}, {"recipient", "total"}, {"command", "add"}, {"body", {{"n", 1}}}}}}};
  test_system system(options);
  const auto pid = system.pid_of("first.worker.admin");
  ASSERT_NE(pid, 0);
  ASSERT_EQ(system.ask("total", "get").body.value("value", 0), 1);
  for (int i = 0; i < 2; ++i) {
    system.kill_daemon();
    system.start_daemon();
    EXPECT_EQ(system.ask("total", "get").body.value("value", 0), 1);
    EXPECT_EQ(system.pid_of("first.worker.admin"), pid);
    EXPECT_EQ(system.ask(head_node, "get_all_nodes").body.size(), 2u);
  }
  EXPECT_EQ(system.quit(), (exit_state{false, 0}));
  system.expect_no_process(1s);
}

TEST(AT11KilledDaemonWithTasks, ARunningTaskGoesOnAndNoLineIsLost) {
  test_system system;
  const auto node = system.create_process();
  const auto path = system.folder().write("lines.py", R"(import time
for n in range(300):
    print("line", n, flush=True)
    time.sleep(0.01)
)");
  const auto task = start_task(system, {{"script", path.string()}, {"node", node}});
  ASSERT_NE(task.id, "");
  system.kill_daemon();
  system.start_daemon();
  const auto output = follow_output(system, task.id);
  std::string expected;
  for (int n = 0; n < 300; ++n) {
    expected += "line " + std::to_string(n) + "\n";
  }
  EXPECT_EQ(output.out, expected);
  EXPECT_EQ(output.end.value("state", ""), "succeeded") << output.end;
  EXPECT_EQ(system.quit(), (exit_state{false, 0}));
  system.expect_no_process(1s);
}

TEST(AT11KilledDaemonWithMany, TenThousandActorsAreThereAgainWithinTwoSeconds) {
  test_system system;
  const auto node = system.create_process();
  json names = json::array();
  for (int i = 0; i < 10'000; ++i) {
    names.push_back("actor_" + std::to_string(i));
  }
  auto body = actor_body("", "Counter");
  body.erase("name");
  body["names"] = names;
  ASSERT_EQ(system.ask(node, "create_actors", body, 10s).command, "actors_are_created");
  system.kill_daemon();
  const auto took = system.start_daemon();
  EXPECT_LT(took, scaled(2000ms));
  RecordProperty("restart_ms", static_cast<int>(took.count()));
  for (const int i : {0, 4999, 5000, 9999}) {
    const auto name = "actor_" + std::to_string(i);
    EXPECT_EQ(system.ask(name, "get").command, "count") << name;
    EXPECT_EQ(system.ask(head_node, "create_actor", actor_body(name, "Echo")).command, "actor_is_not_created") << name;
  }
  const auto status = system.ask(head_node, "get_status");
  EXPECT_GE(status.body.value("names", 0), 10'002) << status;
  EXPECT_EQ(system.quit(), (exit_state{false, 0}));
  system.expect_no_process(1s);
}

} // namespace
