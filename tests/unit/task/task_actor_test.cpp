#include <actors/task/task_actor.hpp>

#include <runtime/observer/fake_run_host.hpp>
#include <runtime/sdk/testing/fake_context.hpp>

#include <gtest/gtest.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

/// A task with a run that the test plays.
class TaskActor : public testing::Test {
protected:
  TaskActor() {
    ctx_.own_name = "task_1234";
    ports_.runs = &host_;
    ports_.runs_folder = "/runs";
    ports_.python = "/usr/bin/python3";
    ports_.environment.emplace();
    table_ = make_task_class(ports_);
    task_ = table_.make();
    task_->bind(&ctx_);
    (void)ctx_.run_hook(task_->pre_run());
  }

  fake_answer_ptr tell(std::string command, json body = nullptr) {
    return ctx_.tell(*task_, table_, std::move(command), std::move(body));
  }

  fake_answer_ptr tell_start(json body = {{"script", "/a/b.py"}}) { return tell("start", std::move(body)); }

  fake_run& run_of_task() { return *host_.runs.at(0); }
  void let_start() {
    run_of_task().events.on_started({77, "2026-01-01T00:00:00.000Z"});
    settle();
  }
  void let_end(run_outcome outcome, std::optional<int> code, std::optional<int> signal = {}, std::string reason = "") {
    run_result how;
    how.outcome = outcome;
    how.exit_code = code;
    how.signal = signal;
    how.reason = std::move(reason);
    how.duration_s = 1.5;
    run_of_task().events.on_end(how);
    settle();
  }
  void settle() {
    ctx_.run_until([] { return true; });
  }
  std::string state() { return tell("get_state")->body()["state"]; }

  fake_run_host host_;
  task_ports ports_;
  class_info table_;
  fake_context ctx_;
  std::unique_ptr<actor> task_;
};

TEST_F(TaskActor, StartIsAnsweredWhenTheScriptRuns) {
  auto answer = tell_start();
  EXPECT_FALSE(answer->ready());
  let_start();
  EXPECT_EQ(answer->command(), "task_started");
  EXPECT_EQ(answer->body(), (json{{"id", "1234"}, {"os_pid", 77}}));
  EXPECT_EQ(state(), "running");
}

TEST_F(TaskActor, RefusedStartIsAnsweredWithTheReason) {
  auto answer = tell_start();
  run_of_task().events.on_rejected("no interpreter");
  settle();
  EXPECT_EQ(answer->command(), "task_is_rejected");
  EXPECT_EQ(answer->body()["reason"], "no interpreter");
  EXPECT_EQ(state(), "rejected");
  EXPECT_EQ(tell("wait_end")->body()["reason"], "no interpreter");
}

TEST_F(TaskActor, UnknownKindOfScriptIsRejected) {
  auto answer = tell_start({{"script", "/a/b.exe"}});
  EXPECT_EQ(answer->command(), "task_is_rejected");
  EXPECT_TRUE(host_.runs.empty());
  const auto output = tell("read_output");
  EXPECT_EQ(output->body()["ended"], true);
  EXPECT_EQ(output->body()["state"]["state"], "rejected");
}

TEST_F(TaskActor, MalformedBodyIsNamedAndLeavesTheTaskUsable) {
  EXPECT_EQ(tell_start({{"script", 5}})->command(), "bad_request");
  EXPECT_EQ(tell_start({{"script", 5}})->body()["field"], "script");
  EXPECT_EQ(tell("start")->body()["field"], "body");
  (void)tell_start();
  EXPECT_EQ(host_.runs.size(), 1u);
}

TEST_F(TaskActor, SecondStartIsRejected) {
  (void)tell_start();
  EXPECT_EQ(tell_start()->command(), "task_is_rejected");
  EXPECT_EQ(host_.runs.size(), 1u);
}

TEST_F(TaskActor, NothingButStartWorksBeforeTheStart) {
  for (const char* command : {"read_output", "close_stdin", "cancel"}) {
    EXPECT_EQ(tell(command)->command(), "task_is_rejected") << command;
  }
  EXPECT_EQ(tell("write_stdin", {{"data", "x"}})->command(), "task_is_rejected");
  EXPECT_EQ(tell("signal", {{"signal", "SIGUSR1"}})->command(), "task_is_rejected");
  EXPECT_EQ(state(), "accepted");
}

TEST_F(TaskActor, ExitCodeAndSignalAreDifferentFacts) {
  (void)tell_start();
  let_start();
  auto waiting = tell("wait_end");
  EXPECT_FALSE(waiting->ready());
  let_end(run_outcome::exited, 9);
  EXPECT_EQ(waiting->command(), "task_ended");
  const auto end = waiting->body();
  EXPECT_EQ(end["state"], "failed");
  EXPECT_EQ(end["exit_code"], 9);
  EXPECT_EQ(end["signal"], nullptr);
  EXPECT_EQ(end["name"], "task_1234");
  EXPECT_EQ(end["node"], "first.main.admin");
  EXPECT_EQ(end["duration_s"], 1.5);
}

TEST_F(TaskActor, CancelIsAnsweredAtOnceAndToldToTheRun) {
  (void)tell_start();
  let_start();
  EXPECT_EQ(tell("cancel")->command(), "task_is_stopping");
  EXPECT_EQ(run_of_task().cancels.size(), 1u);
  EXPECT_EQ(state(), "stopping");
  let_end(run_outcome::cancelled, {}, 15, "on request");
  EXPECT_EQ(state(), "cancelled");
  EXPECT_EQ(tell("cancel")->command(), "task_is_rejected");
}

TEST_F(TaskActor, OutputIsPassedOnWithTextAndBytes) {
  (void)tell_start();
  let_start();
  auto answer = tell("read_output", {{"from", 3}, {"wait", 2}, {"max_bytes", 100}});
  ASSERT_EQ(run_of_task().reads.size(), 1u);
  const auto& read = run_of_task().reads[0];
  EXPECT_EQ(read.query.from, 3u);
  EXPECT_EQ(read.query.wait, 2s);
  EXPECT_EQ(read.query.max_bytes, 100u);
  read.done({{{3, spool_stream::out, 250ms, "hé"}, {4, spool_stream::err, 1s, "\xff"}, {5, spool_stream::cut, 1s, "c"}},
             6,
             false});
  const auto body = answer->body();
  EXPECT_EQ(body["records"][0], (json{{"seq", 3}, {"stream", "stdout"}, {"at", 0.25}, {"data", "hé"}}));
  EXPECT_EQ(body["records"][1]["data"], json::binary({0xff}));
  EXPECT_EQ(body["records"][2]["cut"], true);
  EXPECT_EQ(body["next"], 6);
  EXPECT_FALSE(body.contains("state"));
}

TEST_F(TaskActor, LastOutputCarriesTheFinalState) {
  (void)tell_start();
  let_start();
  auto answer = tell("read_output", {{"wait", 30}});
  run_of_task().events.on_end({run_outcome::exited, 0, {}, "", 1, {}});
  run_of_task().reads[0].done({{}, 0, true});
  settle();
  EXPECT_EQ(answer->body()["ended"], true);
  EXPECT_EQ(answer->body()["state"]["state"], "succeeded");
}

TEST_F(TaskActor, InputIsAnsweredWhenItIsTaken) {
  (void)tell_start();
  let_start();
  auto text = tell("write_stdin", {{"data", "abc"}});
  auto bytes = tell("write_stdin", {{"data", json::binary({0, 255})}});
  EXPECT_FALSE(text->ready());
  EXPECT_EQ(run_of_task().writes[1].bytes, std::string("\0\xff", 2));
  run_of_task().writes[0].done(3u);
  run_of_task().writes[1].done(fail(error_code::conflict, "closed"));
  EXPECT_EQ(text->command(), "stdin_is_written");
  EXPECT_EQ(text->body()["bytes"], 3);
  EXPECT_EQ(bytes->command(), "task_is_rejected");
  EXPECT_EQ(tell("write_stdin", {{"data", 5}})->command(), "bad_request");
}

TEST_F(TaskActor, SignalIsGivenByNameOrNumber) {
  (void)tell_start();
  let_start();
  EXPECT_EQ(tell("signal", {{"signal", "SIGUSR1"}})->command(), "task_is_signalled");
  EXPECT_EQ(tell("signal", {{"signal", 12}})->command(), "task_is_signalled");
  EXPECT_EQ(run_of_task().signals, (std::vector<int>{10, 12}));
  EXPECT_EQ(tell("signal", {{"signal", "SIGNOTHING"}})->command(), "bad_request");
  EXPECT_EQ(tell("signal", {{"signal", 0}})->command(), "bad_request");
}

TEST_F(TaskActor, ExitStopsTheRunAndWaitsForItsEnd) {
  (void)tell_start();
  let_start();
  auto gone = ctx_.run_hook(task_->exit());
  EXPECT_FALSE(gone->ready());
  ASSERT_EQ(run_of_task().cancels.size(), 1u);
  EXPECT_EQ(run_of_task().cancels[0], 2s);
  let_end(run_outcome::cancelled, {}, 15);
  EXPECT_TRUE(gone->ready());
}

TEST_F(TaskActor, ExitOfATaskThatIsOverWaitsForNothing) {
  EXPECT_TRUE(ctx_.run_hook(task_->exit())->ready());
  (void)tell_start();
  let_start();
  let_end(run_outcome::exited, 0);
  EXPECT_TRUE(ctx_.run_hook(task_->exit())->ready());
}

TEST_F(TaskActor, LateNewsOfAnActorThatIsGoneIsHarmless) {
  (void)tell_start();
  const auto kept = host_.runs.at(0);
  task_.reset();
  kept->events.on_started({1, ""});
}

/// Another object of the task in another node, made from what the first one saved.
class TaskActorMoves : public TaskActor {
protected:
  void move() {
    EXPECT_EQ(task_->stays(), "");
    const auto saved = task_->save();
    task_ = table_.make();
    task_->bind(&ctx_);
    task_->restore(saved);
    (void)ctx_.run_hook(task_->moved());
  }
};

TEST_F(TaskActorMoves, RunningTaskAttachesWithAHigherEpochAndGoesOn) {
  (void)tell_start({{"script", "/a/b.py"}, {"stdin", "open"}});
  let_start();
  run_of_task().input = {{"some", "input"}};
  move();
  ASSERT_EQ(host_.runs.size(), 2u);
  const auto& what = host_.runs[1]->attached;
  EXPECT_EQ(what.id, "1234");
  EXPECT_EQ(what.folder, "/runs/1234");
  const auto epoch = what.epoch;
  EXPECT_GT(epoch, 1u);
  EXPECT_EQ(what.script, 77);
  EXPECT_TRUE(what.stdin_open);
  EXPECT_EQ(what.input, (json{{"some", "input"}}));
  EXPECT_FALSE(what.ended);
  EXPECT_EQ(state(), "running");
  move();
  EXPECT_GT(host_.runs[2]->attached.epoch, epoch);
}

TEST_F(TaskActorMoves, ObjectThatIsBroughtBackFromAnEarlierStateIsStillTheNewest) {
  (void)tell_start();
  let_start();
  const auto early = task_->save();
  move();
  move();
  const auto epoch = host_.runs[2]->attached.epoch;
  task_ = table_.make();
  task_->bind(&ctx_);
  task_->restore(early);
  (void)ctx_.run_hook(task_->pre_run());
  EXPECT_GT(host_.runs[3]->attached.epoch, epoch);
}

TEST_F(TaskActorMoves, QuestionsThatWaitTravelAlong) {
  (void)tell_start();
  let_start();
  auto end = tell("wait_end");
  auto read = tell("read_output", {{"wait", 20}});
  move();
  ASSERT_EQ(ctx_.forwarded.size(), 2u);
  EXPECT_EQ(ctx_.forwarded[0].first["command"], "wait_end");
  EXPECT_EQ(ctx_.forwarded[1].first["body"]["wait"], 20);
  EXPECT_FALSE(end->ready()) << "whoever gets the question answers it";
  EXPECT_FALSE(read->ready());
}

TEST_F(TaskActorMoves, WishToStopIsNotLost) {
  (void)tell_start();
  let_start();
  (void)tell("cancel");
  move();
  EXPECT_EQ(host_.runs[1]->cancels.size(), 1u);
  EXPECT_EQ(state(), "stopping");
}

TEST_F(TaskActorMoves, EndedTaskKeepsItsEndAndReadsItsOutput) {
  (void)tell_start();
  let_start();
  let_end(run_outcome::exited, 9);
  move();
  EXPECT_TRUE(host_.runs[1]->attached.ended);
  const auto end = tell("wait_end");
  EXPECT_EQ(end->body()["exit_code"], 9);
  EXPECT_EQ(end->body()["state"], "failed");
}

TEST_F(TaskActorMoves, RejectedTaskHasNothingToAttachTo) {
  (void)tell_start();
  run_of_task().events.on_rejected("no interpreter");
  settle();
  move();
  EXPECT_EQ(host_.runs.size(), 1u);
  EXPECT_EQ(tell("read_output")->body()["ended"], true);
}

TEST_F(TaskActorMoves, StateIsWrittenDownBeforeTheStartAfterItAndAtTheEnd) {
  (void)tell_start();
  EXPECT_EQ(ctx_.checkpoints, 1);
  let_start();
  EXPECT_EQ(ctx_.checkpoints, 2);
  let_end(run_outcome::memory_exceeded, {}, 9, "memory limit 100 MB");
  EXPECT_EQ(ctx_.checkpoints, 3);
  EXPECT_EQ(state(), "memory_exceeded");
}

TEST_F(TaskActorMoves, AnotherHostHasNeitherRunNorOutput) {
  (void)tell_start();
  let_start();
  const auto saved = task_->save();
  ctx_.own_node = "second.main.admin";
  task_ = table_.make();
  task_->bind(&ctx_);
  EXPECT_THROW(task_->restore(saved), std::exception);
}

} // namespace
} // namespace troupe
