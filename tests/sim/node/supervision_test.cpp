// What becomes of an actor whose code threw.
#include "tests/sim/node/fragile.hpp"

#include <algorithm>

using namespace troupe;

namespace {

using words = std::vector<std::string>;

supervision_spec spec(failure_action on_failure, std::uint32_t most = 5) {
  supervision_spec out;
  out.on_failure = on_failure;
  out.limits.max_restarts = most;
  out.limits.backoff = std::chrono::duration<double>{0.002};
  return out;
}

const json limit_of_seven = json::parse(R"({"params": [{"name": "limit", "value": 7}]})");

class Supervision : public testing::Test {
protected:
  std::shared_ptr<fragile_world> seen = std::make_shared<fragile_world>();
  std::shared_ptr<const class_info> fragiles = make_fragile_class(seen);
  sim_world world{3, sim_world::turns::manual, [](node_options& options) { options.stuck_after_s = 0.05; }};

  void make(const std::string& name, const supervision_spec& how) {
    ASSERT_TRUE(world.create(1, {name}, fragiles, how));
  }
  std::string ask(const std::string& to, const std::string& command, json body = nullptr) {
    return world.ask(2, address{to}, command, std::move(body))->command();
  }
  int count_of(const std::string& name) { return world.ask(2, address{name}, "get")->body().get<int>(); }
  std::ptrdiff_t noted(const std::string& what) {
    auto all = seen->noted();
    return std::ranges::count(all, what);
  }
  json report(const std::string& name) {
    auto all = world.node(1).supervision_report(name);
    return all.empty() ? json(nullptr) : all[0];
  }
  bool becomes(const std::string& name, const std::string& state) {
    return world.until([&] { return report(name).is_object() && report(name)["state"] == state; });
  }
  result<> tell(const std::function<void(std::function<void(result<>)>)>& call) {
    std::optional<result<>> got;
    call([&got](result<> how) { got = std::move(how); });
    EXPECT_TRUE(world.until([&] { return got.has_value(); }));
    return got.value_or(fail(error_code::internal, "never told"));
  }
};

} // namespace

TEST_F(Supervision, AnActorGoesOnWithItsStateAsItIsUnlessToldOtherwise) {
  make("a", {});
  EXPECT_EQ(ask("a", "add"), "count");
  EXPECT_EQ(ask("a", "throw", "this"), "actor_has_failed");
  EXPECT_EQ(count_of("a"), -1) << "nothing is undone";
  EXPECT_EQ(noted("born"), 1);
  const auto said = report("a");
  EXPECT_EQ(said["state"], "running");
  EXPECT_EQ(said["restarts"], 0);
  ASSERT_EQ(said["errors"].size(), 1u) << said;
  EXPECT_EQ(said["errors"][0]["command"], "throw");
  EXPECT_EQ(said["errors"][0]["reason"], "this");
}

TEST_F(Supervision, EveryWayToThrowIsAFailureAndAnAnswerIsNone) {
  make("a", spec(failure_action::restart, 100));
  std::ptrdiff_t births = 1;
  for (const auto* way : {"throw", "throw_later"}) {
    EXPECT_EQ(ask("a", way), "actor_has_failed") << way;
    EXPECT_EQ(ask("a", "get"), "count");
    EXPECT_EQ(noted("born"), ++births) << way;
  }
  for (const auto* way : {"throw_in_callback", "throw_in_poster"}) {
    EXPECT_EQ(ask("a", way), "done") << way;
    EXPECT_TRUE(world.until([&] { return noted("born") == births + 1; })) << way;
    ++births;
  }
  EXPECT_EQ(ask("a", "answer_failed"), "actor_has_failed");
  EXPECT_EQ(ask("a", "dance"), "is_not_handled");
  EXPECT_EQ(ask("a", "get"), "count");
  EXPECT_EQ(noted("born"), births);
  EXPECT_EQ(noted("exit"), 0) << "a crashed object has no exit hook";
  EXPECT_EQ(noted("destroyed"), births - 1);
  EXPECT_EQ(report("a")["errors"].size(), 4u);
}

TEST_F(Supervision, ARestartTakesTheLastCheckpointOrTheDefaultsOfTheClass) {
  make("a", spec(failure_action::restart));
  ASSERT_EQ(ask("a", "add"), "count");
  ASSERT_EQ(ask("a", "throw"), "actor_has_failed");
  EXPECT_EQ(count_of("a"), 0) << "nothing was kept";
  ASSERT_EQ(ask("a", "add"), "count");
  ASSERT_EQ(ask("a", "keep"), "done");
  ASSERT_EQ(ask("a", "add"), "count");
  ASSERT_EQ(ask("a", "throw"), "actor_has_failed");
  EXPECT_EQ(count_of("a"), 1) << "what the actor kept";
  ASSERT_EQ(ask("a", "set_params", limit_of_seven), "params_are_set");
  ASSERT_EQ(ask("a", "throw"), "actor_has_failed");
  EXPECT_EQ(world.ask(2, "a", "get_params")->body()["params"][0]["value"], 7) << "set_params keeps too";
}

TEST_F(Supervision, TheMailboxStaysAndWaitsForTheNewObject) {
  auto how = spec(failure_action::restart);
  how.limits.backoff = std::chrono::duration<double>{0.05};
  make("a", how);
  ASSERT_EQ(ask("a", "keep"), "done");
  std::vector<std::string> answers;
  for (const auto* command : {"throw", "add", "add", "get"}) {
    world.node(1).ask(request{"a", command, nullptr, seconds{20}, {}, {}},
                      [&](const message_ptr& what) { answers.push_back(what->command() + what->body().dump()); });
  }
  ASSERT_TRUE(world.until([&] { return answers.size() == 1; }));
  EXPECT_EQ(report("a")["state"], "restarting");
  EXPECT_TRUE(report("a").contains("since_s"));
  ASSERT_TRUE(world.until([&] { return answers.size() == 4; }));
  EXPECT_EQ((words{answers.begin() + 1, answers.end()}), (words{"count1", "count2", "count2"}));
  EXPECT_EQ(report("a")["restarts"], 1);
}

TEST_F(Supervision, WhatTheOldObjectHadUnderWayEndsWithIt) {
  make("a", spec(failure_action::restart));
  make("keeper", {});
  std::vector<std::string> reasons;
  auto keep_reason = [&](const message_ptr& what) {
    reasons.push_back(what->is("actor_has_failed") ? what->body()["reason"].get<std::string>() : what->command());
  };
  for (const auto* command : {"wait_beside", "promise"}) {
    world.node(2).ask(request{"a", command, nullptr, seconds{3600}, {}, {}}, keep_reason);
  }
  world.node(2).ask(request{"a", "ask_beside", "keeper", seconds{3600}, {}, {}}, keep_reason);
  ASSERT_TRUE(world.until([&] { return noted("waits") == 1 && noted("asks") == 1; }));
  ASSERT_EQ(ask("a", "note_later"), "done");
  ASSERT_EQ(ask("a", "start_ticker"), "done");
  ASSERT_EQ(ask("a", "throw", "the end"), "actor_has_failed");
  ASSERT_TRUE(world.until([&] { return reasons.size() == 3; })) << reasons.size();
  EXPECT_EQ(std::ranges::count_if(reasons, [](const auto& why) { return why.find("the end") != std::string::npos; }), 2);
  EXPECT_EQ(ask("a", "get"), "count");
  // The answer to the old object's question comes now, and wakes nobody.
  EXPECT_EQ(world.remove(1, "keeper"), removal::removed);
  const auto ticks = noted("tick");
  EXPECT_FALSE(world.until([&] { return noted("later") > 0 || noted("tick") > ticks; }, seconds{0.05}));
  EXPECT_EQ(noted("was answered actor_has_failed"), 0);
  EXPECT_EQ(ask("a", "get"), "count");
}

TEST_F(Supervision, WhoSubscribedStaysSubscribed) {
  make("a", spec(failure_action::restart));
  make("watcher", {});
  ASSERT_EQ(ask("a", "set_params", limit_of_seven), "params_are_set");
  ASSERT_EQ(ask("a", "subscribe", json{{"command", "add"}, {"subscriber", "watcher"}}), "subscribed");
  ASSERT_EQ(ask("a", "throw"), "actor_has_failed");
  ASSERT_EQ(ask("a", "add"), "count");
  EXPECT_TRUE(world.until([&] { return noted("notified") == 1; }));
}

TEST_F(Supervision, TheSixthFailureInAShortTimeLeadsToQuarantineAndResumeOutOfIt) {
  make("a", spec(failure_action::restart));
  ASSERT_EQ(ask("a", "set_params", limit_of_seven), "params_are_set");
  for (int i = 0; i < 6; ++i) {
    ASSERT_EQ(ask("a", "throw", "number " + std::to_string(i)), "actor_has_failed") << i;
  }
  ASSERT_TRUE(becomes("a", "quarantined"));
  auto refused = world.ask(2, "a", "get");
  EXPECT_EQ(refused->command(), "actor_has_failed");
  EXPECT_NE(refused->body()["reason"].get<std::string>().find("is in quarantine: throw: number 5"), std::string::npos)
    << refused->body();
  const auto letters = world.node(1).dead_letter_report(10)["count"].get<int>();
  ASSERT_TRUE(world.node(1).send(request{"a", "add", {}, {}, {}, {}}));
  EXPECT_TRUE(world.until([&] { return world.node(1).dead_letter_report(10)["count"].get<int>() == letters + 1; }));
  EXPECT_EQ(world.node(1).dead_letter_report(10)["reasons"]["quarantine"], 1);
  EXPECT_EQ(world.node(1).supervision_report(std::nullopt).size(), 1u);
  EXPECT_EQ(report("a")["restarts"], 5);
  EXPECT_EQ(report("a")["errors"].size(), 6u);

  auto restarted = tell([&](auto done) { world.node(1).restart_actor("a", "by hand", true, done); });
  EXPECT_EQ(restarted.error().code, error_code::conflict);
  EXPECT_TRUE(tell([&](auto done) { world.node(1).resume_actor("a", done); }));
  EXPECT_EQ(world.ask(2, "a", "get_params")->body()["params"][0]["value"], 7) << "from the last checkpoint";
  auto again = tell([&](auto done) { world.node(1).resume_actor("a", done); });
  EXPECT_EQ(again.error().code, error_code::conflict);
  EXPECT_EQ(ask("a", "throw"), "actor_has_failed");
  EXPECT_EQ(ask("a", "get"), "count") << "it has a new five";
}

TEST_F(Supervision, ThePresentFailureAndTheNineBeforeItAreKept) {
  make("a", {});
  for (int i = 0; i < 15; ++i) {
    ASSERT_EQ(ask("a", "throw", std::to_string(i)), "actor_has_failed");
  }
  const auto errors = report("a")["errors"];
  ASSERT_EQ(errors.size(), 10u);
  EXPECT_EQ(errors[0]["reason"], "5");
  EXPECT_EQ(errors[9]["reason"], "14");
  EXPECT_GE(errors[9]["at"].get<double>(), errors[0]["at"].get<double>());
}

TEST_F(Supervision, AnObjectThatCannotBeMadeIsTriedAgainLaterAndLater) {
  make("a", spec(failure_action::restart));
  seen->births_that_fail = 3;
  ASSERT_EQ(ask("a", "throw"), "actor_has_failed");
  EXPECT_EQ(ask("a", "get"), "count");
  EXPECT_EQ(report("a")["restarts"], 1) << "the one that succeeded";
  EXPECT_EQ(report("a")["errors"].size(), 4u);
  EXPECT_EQ(report("a")["errors"][3]["command"], "pre_run");
  seen->births_that_fail = 100;
  ASSERT_EQ(ask("a", "throw"), "actor_has_failed");
  EXPECT_TRUE(becomes("a", "quarantined"));
}

TEST_F(Supervision, StopEndsTheActorWithItsExitHookAndFreesItsName) {
  make("a", spec(failure_action::stop));
  ASSERT_EQ(ask("a", "throw"), "actor_has_failed");
  EXPECT_TRUE(world.until([&] { return world.names().size() == 0; }));
  EXPECT_EQ(noted("exit"), 1);
  EXPECT_EQ(ask("a", "get"), "actor_is_not_found");
  EXPECT_EQ(world.node(1).supervision_report(std::nullopt), json::array()) << "nothing is kept of who is gone";
  make("a", {});
}

TEST_F(Supervision, RestartByHandCutsWhatIsUnderWayAndIsAnswered) {
  make("a", {});
  ASSERT_EQ(ask("a", "keep"), "done");
  ASSERT_EQ(ask("a", "add"), "count");
  std::string waiting;
  world.node(2).ask(request{"a", "wait", nullptr, seconds{3600}, {}, {}},
                    [&](const message_ptr& what) { waiting = what->command(); });
  ASSERT_TRUE(world.until([&] { return noted("waits") == 1; }));
  EXPECT_TRUE(tell([&](auto done) { world.node(1).restart_actor("a", "by hand", true, done); }));
  EXPECT_TRUE(world.until([&] { return waiting == "actor_has_failed"; }));
  EXPECT_EQ(count_of("a"), 0);
  seen->births_that_fail = 1;
  auto failed = tell([&](auto done) { world.node(1).restart_actor("a", "by hand", true, done); });
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().text.find("born badly"), std::string::npos) << failed.error().text;
  EXPECT_EQ(ask("a", "get"), "count") << "its policy tried on";
  EXPECT_EQ(tell([&](auto done) { world.node(1).restart_actor("nobody", "", true, done); }).error().code,
            error_code::not_found);
}

TEST_F(Supervision, AnActorThatIsRestartingOrInQuarantineCanBeRemoved) {
  auto slow = spec(failure_action::restart);
  slow.limits.backoff = std::chrono::duration<double>{20};
  make("slow", slow);
  make("ill", spec(failure_action::restart, 0));
  for (const auto* name : {"slow", "ill"}) {
    ASSERT_EQ(ask(name, "throw"), "actor_has_failed");
  }
  ASSERT_TRUE(becomes("slow", "restarting"));
  ASSERT_TRUE(becomes("ill", "quarantined"));
  EXPECT_EQ(world.remove(1, "slow"), removal::removed);
  EXPECT_EQ(world.remove(1, "ill"), removal::removed);
  EXPECT_EQ(world.names().size(), 0u);
  EXPECT_EQ(noted("exit"), 0);
}

TEST_F(Supervision, AHandlerThatWaitsForTooLongIsShownAsStuckAndOneThatEndedIsNot) {
  make("a", {});
  make("b", {});
  (void)world.node(1).send(request{"a", "wait", {}, {}, {}, {}});
  (void)world.node(1).send(request{"b", "wait_beside", {}, {}, {}, {}});
  ASSERT_TRUE(world.until([&] { return world.node(1).supervision_report(std::nullopt).size() == 1; }));
  const auto all = world.node(1).supervision_report(std::nullopt);
  EXPECT_EQ(all[0]["name"], "a") << "a re-entrant handler holds nothing up";
  EXPECT_EQ(all[0]["state"], "stuck");
  EXPECT_EQ(all[0]["command"], "wait");
  EXPECT_GE(all[0]["since_s"].get<double>(), 0.05);
  EXPECT_EQ(report("a")["state"], "stuck");
  EXPECT_TRUE(tell([&](auto done) { world.node(1).restart_actor("a", "by hand", true, done); }));
  EXPECT_EQ(report("a")["state"], "running");
}

TEST(SupervisionThreads, AHandlerThatKeepsItsThreadIsSeenFromOutside) {
  auto seen = std::make_shared<fragile_world>();
  sim_world world{3, sim_world::turns::threads, [](node_options& options) { options.stuck_after_s = 0.05; }};
  ASSERT_TRUE(world.create(1, {"a"}, make_fragile_class(seen)));
  std::atomic<bool> ended{false};
  world.node(2).ask(request{"a", "silence", 0.5, seconds{20}, {}, {}}, [&](const message_ptr&) { ended = true; });
  EXPECT_TRUE(world.until([&] {
    auto all = world.node(1).supervision_report(std::string{"a"});
    return !all.empty() && all[0]["state"] == "stuck" && all[0]["command"] == "silence";
  }));
  EXPECT_FALSE(ended) << "while it was at work";
  EXPECT_TRUE(world.until([&] { return ended.load(); }));
  EXPECT_EQ(world.node(1).supervision_report(std::string{"a"})[0]["state"], "running");
}
