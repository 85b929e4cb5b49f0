#include <actors/task/task_actor.hpp>

#include <runtime/observer/fake_run_host.hpp>
#include <runtime/sdk/testing/fake_context.hpp>

#include <gtest/gtest.h>

namespace troupe {
namespace {

/// A task in a system where only so many run at once; the test gives the places.
class TaskPlace : public testing::Test {
protected:
  TaskPlace() {
    ports_.runs = &host_;
    ports_.runs_folder = "/nowhere/runs";
    ports_.environment.emplace();
    ports_.history = address{"first.daemon", "troupe.runs"};
    ports_.queues_runs = true;
    table_ = make_task_class(ports_);
    make();
    (void)ctx_.run_hook(task_->pre_run());
  }

  void make() {
    ctx_.own_name = "task_7";
    task_ = table_.make();
    task_->bind(&ctx_);
  }
  fake_answer_ptr tell(std::string command, json body = nullptr) {
    auto answer = ctx_.tell(*task_, table_, std::move(command), std::move(body));
    settle();
    return answer;
  }
  void settle() {
    ctx_.run_until([] { return true; });
  }
  json state() { return tell("get_state")->body(); }
  void giver_says(std::string command, json body = nullptr) {
    ASSERT_FALSE(ctx_.asks.empty());
    EXPECT_EQ(ctx_.asks.front().what.at(0).command, "take_place");
    EXPECT_EQ(ctx_.asks.front().what.at(0).body, (json{{"id", "7"}, {"actor", "task_7"}}));
    auto ask = std::move(ctx_.asks.front());
    ctx_.asks.pop_front();
    ask.done({fake_context::make_answer(std::move(command), std::move(body))});
    settle();
  }
  void pass_time() {
    for (auto timers = std::exchange(ctx_.timers, {}); auto& one : timers) {
      one.done();
    }
  }

  fake_run_host host_;
  task_ports ports_;
  fake_context ctx_;
  class_info table_;
  std::unique_ptr<actor> task_;
};

TEST_F(TaskPlace, AFreePlaceIsTakenWithoutAWordOfAQueue) {
  auto started = tell("start", {{"command", {"x"}}});
  EXPECT_TRUE(host_.runs.empty());
  giver_says("place_is_taken", {{"id", "7"}});
  ASSERT_EQ(host_.runs.size(), 1u);
  EXPECT_TRUE(host_.runs[0]->plan.prelude.empty());
  host_.runs[0]->events.on_started({42, ""});
  settle();
  EXPECT_EQ(started->command(), "task_started");
}

TEST_F(TaskPlace, WhoWaitsIsToldItsPlaceAndStartsInItsTurn) {
  auto started = tell("start", {{"command", {"x"}}});
  auto reader = tell("read_output", {{"wait", 30}});
  giver_says("run_is_queued", {{"id", "7"}, {"place", 2}});
  EXPECT_EQ(started->command(), "task_is_queued");
  EXPECT_EQ(started->body(), (json{{"id", "7"}, {"place", 2}}));
  EXPECT_EQ(state()["state"], "queued");
  EXPECT_EQ(state()["place"], 2);
  ASSERT_TRUE(reader->ready());
  EXPECT_EQ(reader->body()["records"][0]["data"], "waits for its turn: place 2 of the queue\n");
  pass_time();
  giver_says("run_is_queued", {{"id", "7"}, {"place", 1}});
  EXPECT_EQ(state()["place"], 1);
  EXPECT_EQ(tell("place_is_free", {{"id", "7"}})->command(), "place_is_accepted");
  ASSERT_EQ(host_.runs.size(), 1u);
  EXPECT_EQ(host_.runs[0]->plan.prelude.size(), 2u);
  EXPECT_EQ(state()["place"], nullptr);
  EXPECT_EQ(tell("place_is_free", {{"id", "7"}})->command(), "place_is_accepted") << "it has it";
  EXPECT_EQ(host_.runs.size(), 1u);
  host_.runs[0]->events.on_end({run_outcome::exited, 0, {}, "", 1, {}});
  settle();
  EXPECT_EQ(tell("place_is_free", {{"id", "7"}})->command(), "place_is_not_wanted");
}

TEST_F(TaskPlace, AFullQueueRefusesWithItsReason) {
  auto started = tell("start", {{"command", {"x"}}});
  giver_says("queue_is_full", {{"reason", "4 run and 2 wait"}});
  EXPECT_EQ(started->command(), "task_is_rejected");
  EXPECT_EQ(started->body()["reason"], "4 run and 2 wait");
  EXPECT_EQ(state()["state"], "rejected");
  EXPECT_TRUE(host_.runs.empty());
}

TEST_F(TaskPlace, AnAbsentGiverIsAskedAgainUntilItAnswers) {
  (void)tell("start", {{"command", {"x"}}});
  for (const char* nothing : {"actor_has_failed", "timer", "actor_is_not_found"}) {
    giver_says(nothing);
    EXPECT_EQ(state()["state"], "accepted");
    pass_time();
  }
  giver_says("place_is_taken");
  EXPECT_EQ(host_.runs.size(), 1u);
}

TEST_F(TaskPlace, CancelOfOneThatWaitsEndsItAtOnce) {
  (void)tell("start", {{"command", {"x"}}});
  giver_says("run_is_queued", {{"place", 1}});
  auto waiting = tell("wait_end");
  EXPECT_EQ(tell("cancel")->command(), "task_is_stopping");
  EXPECT_EQ(waiting->body()["state"], "cancelled");
  EXPECT_EQ(waiting->body()["reason"], "it was cancelled while it waited for its turn");
  EXPECT_EQ(tell("place_is_free")->command(), "place_is_not_wanted");
  EXPECT_TRUE(host_.runs.empty());
}

TEST_F(TaskPlace, AChildNeverWaits) {
  (void)tell("start", {{"command", {"x"}}, {"parent", "p"}, {"depth", 1}});
  EXPECT_TRUE(ctx_.asks.empty());
  EXPECT_EQ(host_.runs.size(), 1u);
}

TEST_F(TaskPlace, InputWaitsForTheScript) {
  (void)tell("start", {{"command", {"x"}}, {"stdin", "open"}});
  giver_says("run_is_queued", {{"place", 1}});
  auto written = tell("write_stdin", {{"data", "early"}});
  auto closed = tell("close_stdin");
  EXPECT_FALSE(written->ready());
  (void)tell("place_is_free");
  ASSERT_EQ(host_.runs.size(), 1u);
  ASSERT_EQ(host_.runs[0]->writes.size(), 1u);
  EXPECT_EQ(host_.runs[0]->writes[0].bytes, "early");
}

TEST_F(TaskPlace, OneThatWaitsWhenItsProcessDiesAsksAgainAndIsStartedOnce) {
  (void)tell("start", {{"command", {"x"}}, {"args", {"y"}}});
  giver_says("run_is_queued", {{"place", 3}});
  const auto kept = task_->save();
  make();
  task_->restore(kept);
  (void)ctx_.run_hook(task_->pre_run());
  EXPECT_EQ(state()["state"], "queued");
  giver_says("place_is_taken");
  ASSERT_EQ(host_.runs.size(), 1u);
  EXPECT_EQ(host_.runs[0]->plan.argv, (std::vector<std::string>{"x", "y"}));
  host_.runs[0]->events.on_started({42, ""});
  settle();
  const auto running = task_->save();
  make();
  task_->restore(running);
  (void)ctx_.run_hook(task_->pre_run());
  ASSERT_EQ(host_.runs.size(), 2u);
  EXPECT_EQ(host_.runs[1]->attached.id, "7") << "it runs: it is attached, not started";
}

} // namespace
} // namespace troupe
