#include <actors/runs/runs_actor.hpp>

#include <runtime/observer/run_remains.hpp>
#include <runtime/sdk/testing/fake_context.hpp>
#include <tests/unit/store/store_folder.hpp>

#include <gtest/gtest.h>

namespace troupe {
namespace {

/// The giver of places on a real file; the test plays the tasks.
class Places : public testing::Test {
protected:
  Places() { begin(); }

  void begin() {
    runs_ports ports{*opened_.store, desk_, runs_folder_, {}, {}, {}};
    ports.node_of = [this](const std::string& name) {
      return gone_.contains(name) ? std::nullopt : std::optional<std::string>{"first.main.admin"};
    };
    ports.names_are_settled = [] { return true; };
    ports.most_at_once = 2;
    ports.most_waiting = 3;
    table_ = make_runs_class(ports);
    runs_ = table_.make();
    runs_->bind(&ctx_);
    (void)ctx_.run_hook(runs_->pre_run());
  }
  /// The daemon is killed and comes again.
  void begin_again() {
    runs_.reset();
    ctx_.asks.clear();
    ctx_.timers.clear();
    EXPECT_TRUE(flushed(*opened_.store));
    begin();
  }
  fake_answer_ptr tell(std::string command, json body = nullptr) {
    auto answer = ctx_.tell(*runs_, table_, std::move(command), std::move(body));
    ctx_.run_until([&] { return answer->ready(); });
    return answer;
  }
  std::string ask(const std::string& id) { return tell("take_place", {{"id", id}, {"actor", "task_" + id}})->command(); }
  void end(const std::string& id) {
    json body{{"id", id}, {"name", "task_" + id}, {"state", "succeeded"}, {"note", 1}, {"line", "/a.py"}, {"ended_at", "2999-01-01T00:00:00.000Z"}};
    EXPECT_EQ(tell("note_run", body)->command(), "run_is_noted");
  }
  /// Waits for the question of the giver and answers it; gives back who was asked.
  std::string answer_turn(const char* command) {
    if (!ctx_.run_until([&] { return !ctx_.asks.empty(); })) {
      return "nobody";
    }
    auto asked = std::move(ctx_.asks.front());
    ctx_.asks.pop_front();
    EXPECT_EQ(asked.what.at(0).command, "place_is_free");
    const auto who = asked.what.at(0).body["id"].get<std::string>();
    asked.done({fake_context::make_answer(command, nullptr)});
    return who;
  }
  void look() {
    auto timers = std::exchange(ctx_.timers, {});
    for (auto& one : timers) {
      one.done();
    }
    ctx_.run_until([&] { return !ctx_.timers.empty() && !ctx_.asks.empty(); });
  }
  json queue() { return tell("get_run_queue")->body(); }

  store_folder folder_;
  std::string runs_folder_ = (folder_.file().parent_path() / "runs").string();
  sqlite_store::opened opened_ = folder_.open();
  run_desk desk_{folder_.file(), runs_folder_};
  std::set<std::string> gone_;
  class_info table_;
  fake_context ctx_;
  std::unique_ptr<actor> runs_;
};

TEST_F(Places, TheEndOfARunIsTheTurnOfTheNext) {
  EXPECT_EQ(ask("a"), "place_is_taken");
  EXPECT_EQ(ask("b"), "place_is_taken");
  for (const char* run : {"c", "d", "e"}) {
    EXPECT_EQ(ask(run), "run_is_queued");
  }
  const auto refused = tell("take_place", {{"id", "f"}, {"actor", "task_f"}});
  EXPECT_EQ(refused->command(), "queue_is_full");
  EXPECT_EQ(refused->body()["reason"], "2 runs are running, which is the limit, and 3 wait, which is all that may wait");
  end("a");
  EXPECT_EQ(answer_turn("place_is_accepted"), "c");
  end("a");
  EXPECT_TRUE(ctx_.asks.empty()) << "its end is known";
  EXPECT_EQ(queue(), (json{{"limit", 2}, {"running", 2}, {"waiting", 2}, {"most_waiting", 3}}));
  end("d");
  end("b");
  EXPECT_EQ(answer_turn("place_is_accepted"), "e") << "d left the queue";
  EXPECT_EQ(tell("take_place", {{"id", "x"}})->command(), "bad_request");
  EXPECT_EQ(tell("take_place", {{"id", "../x"}, {"actor", "y"}})->command(), "bad_request");
}

TEST_F(Places, AKilledDaemonKnowsWhoRunsAndWhoWaits) {
  for (const char* run : {"a", "b", "c", "d"}) {
    (void)ask(run);
  }
  end("a");
  EXPECT_EQ(answer_turn("place_is_accepted"), "c");
  begin_again();
  EXPECT_EQ(ask("c"), "place_is_taken");
  EXPECT_EQ(queue()["running"], 2);
  EXPECT_EQ(queue()["waiting"], 1);
  end("c");
  EXPECT_EQ(answer_turn("place_is_accepted"), "d");
  end("b");
  end("d");
  begin_again();
  EXPECT_EQ(ask("e"), "place_is_taken");
  EXPECT_EQ(queue()["running"], 1);
}

TEST_F(Places, ATaskThatCannotBeToldKeepsItsTurnAndTheNextGetsThePlace) {
  for (const char* run : {"a", "b", "c", "d"}) {
    (void)ask(run);
  }
  end("a");
  EXPECT_EQ(answer_turn("actor_has_failed"), "c");
  EXPECT_EQ(queue()["waiting"], 1) << "it may come back in a moment";
  look();
  for (int i = 0; i < 2; ++i) {
    (void)answer_turn(ctx_.asks.front().what.at(0).body["id"] == "c" ? "actor_has_failed" : "place_is_accepted");
  }
  EXPECT_EQ(answer_turn("place_is_accepted"), "d");
  EXPECT_EQ(ask("c"), "run_is_queued");
  end("b");
  EXPECT_EQ(answer_turn("place_is_accepted"), "c");
}

TEST_F(Places, ARunWhoseTaskIsGoneFreesItsPlaceWhenItsObserverIsGoneToo) {
  for (const char* run : {"a", "b", "c"}) {
    (void)ask(run);
  }
  std::filesystem::create_directories(runs_folder_ + "/a");
  auto lock = take_run_lock(runs_folder_ + "/a");
  gone_ = {"task_a"};
  const auto look_and_answer = [&] {
    look();
    for (int i = 0; i < 2; ++i) {
      (void)answer_turn(ctx_.asks.front().what.at(0).body["id"] == "a" ? "actor_is_not_found" : "place_is_accepted");
    }
  };
  for (int i = 0; i < 3; ++i) {
    look_and_answer();
  }
  EXPECT_EQ(queue()["waiting"], 1) << "it runs on";
  lock.reset();
  look_and_answer();
  EXPECT_EQ(answer_turn("place_is_accepted"), "c");
}

} // namespace
} // namespace troupe
