#include <actors/task/task_actor.hpp>

#include <runtime/observer/fake_run_host.hpp>
#include <runtime/sdk/testing/fake_context.hpp>

#include <gtest/gtest.h>

namespace troupe {
namespace {

/// A task and its environment; the test is the builder.
class TaskVenv : public testing::Test {
protected:
  TaskVenv() {
    ports_.runs = &host_;
    ports_.runs_folder = "/runs";
    ports_.python = "/usr/bin/python3";
    ports_.environment.emplace();
    ports_.use_venvs = true;
    table_ = make_task_class(ports_);
    task_ = table_.make();
    ctx_.own_name = "task_7";
    task_->bind(&ctx_);
    (void)ctx_.run_hook(task_->pre_run());
  }

  fake_answer_ptr tell(std::string command, json body = nullptr) {
    auto answer = ctx_.tell(*task_, table_, std::move(command), std::move(body));
    settle();
    return answer;
  }
  void settle() {
    ctx_.run_until([] { return true; });
  }
  std::string state() { return tell("get_state")->body()["state"]; }
  request asked() { return ctx_.asks.empty() ? request{} : ctx_.asks.front().what.at(0); }
  void builder_says(std::string command, json body = nullptr) {
    auto ask = std::move(ctx_.asks.front());
    ctx_.asks.pop_front();
    ask.done({fake_context::make_answer(std::move(command), std::move(body))});
    settle();
  }
  void builder_is_ready() {
    builder_says("venv_is_ready", {{"name", "default"}, {"path", "/v/default"}, {"bin", "/v/default/bin"}, {"python", "/v/default/bin/python"}});
  }
  void progress(const json& lines) {
    (void)tell("venv_progress", {{"name", "default"}, {"run", "7"}, {"phase", "creating"}, {"lines", lines}});
  }
  std::size_t releases() {
    return static_cast<std::size_t>(std::ranges::count(ctx_.sent, std::string{"release_venv"}, &request::command));
  }

  fake_run_host host_;
  task_ports ports_;
  fake_context ctx_;
  class_info table_;
  std::unique_ptr<actor> task_;
};

TEST_F(TaskVenv, AScriptIsStartedWithThePythonAndPathOfItsEnvironment) {
  auto started = tell("start", {{"script", "/a/b.py"}, {"env", {{"PATH", "/own"}, {"PYTHONHOME", "/x"}}}});
  EXPECT_EQ(asked().command, "acquire_venv");
  EXPECT_EQ(asked().body, (json{{"name", "default"}, {"clean", false}, {"run", "7"}, {"actor", "task_7"}}));
  EXPECT_TRUE(host_.runs.empty());
  builder_is_ready();
  ASSERT_EQ(host_.runs.size(), 1u);
  const auto& plan = host_.runs[0]->plan;
  EXPECT_EQ(plan.argv, (std::vector<std::string>{"/v/default/bin/python", "/a/b.py"}));
  EXPECT_EQ(plan.env.at("PATH"), "/v/default/bin:/own");
  EXPECT_EQ(plan.env.at("VIRTUAL_ENV"), "/v/default");
  EXPECT_FALSE(plan.env.contains("PYTHONHOME"));
  EXPECT_TRUE(plan.prelude.empty());
  host_.runs[0]->events.on_started({42, ""});
  settle();
  EXPECT_EQ(started->command(), "task_started") << "no word of preparing when it is there already";
  host_.runs[0]->events.on_end({run_outcome::exited, 0, {}, "", 1, {}});
  settle();
  EXPECT_EQ(releases(), 1u);
}

TEST_F(TaskVenv, WhatTheRunsParametersSayIsTakenUnlessTheRequestSaysIt) {
  (void)tell("start", {{"command", {"x"}}, {"params", {{"venv_name", "v1"}, {"clean_venv", true}}}});
  EXPECT_EQ(asked().body["name"], "v1");
  EXPECT_EQ(asked().body["clean"], true);
  EXPECT_EQ(tell("start", {{"script", "/a.py"}, {"params", {{"venv_name", "///"}}}})->body()["field"], "params.venv_name");
  EXPECT_EQ(tell("start", {{"script", "/a.py"}, {"params", {{"clean_venv", 1}}}})->body()["field"], "params.clean_venv");
  EXPECT_EQ(tell("start", {{"script", "/a.py"}, {"venv", 1}})->body()["field"], "venv");
}

TEST_F(TaskVenv, NoEnvironmentForWhatIsNoPythonScript) {
  (void)tell("start", {{"script", "/a.sh"}});
  EXPECT_TRUE(ctx_.asks.empty());
  EXPECT_EQ(host_.runs.size(), 1u);
}

TEST_F(TaskVenv, TheStarterDoesNotWaitForABuildAndReadersFollowIt) {
  auto started = tell("start", {{"script", "/a.py"}});
  auto reader = tell("read_output", {{"wait", 30}});
  EXPECT_FALSE(reader->ready());
  progress({"one", "two"});
  EXPECT_EQ(started->command(), "task_is_preparing");
  EXPECT_EQ(state(), "preparing");
  ASSERT_TRUE(reader->ready());
  EXPECT_EQ(reader->body()["records"][1], (json{{"seq", 1}, {"stream", "note"}, {"at", 0.0}, {"data", "two\n"}}));
  EXPECT_EQ(reader->body()["next"], 2);
  auto waiting = tell("read_output", {{"from", 2}, {"wait", 30}});
  EXPECT_EQ(task_->stays(), "its environment is being made");
  builder_is_ready();
  ASSERT_EQ(host_.runs.size(), 1u);
  EXPECT_EQ(host_.runs[0]->plan.prelude, (std::vector<std::string>{"one\n", "two\n"}));
  ASSERT_EQ(host_.runs[0]->reads.size(), 1u) << "who still reads goes on with the run";
  EXPECT_EQ(host_.runs[0]->reads[0].query.from, 2u);
  EXPECT_FALSE(waiting->ready());
}

TEST_F(TaskVenv, ARunWithoutItsEnvironmentIsRejectedWithTheReason) {
  auto started = tell("start", {{"script", "/a.py"}});
  builder_says("venv_is_not_ready", {{"name", "default"}, {"reason", "it burns"}, {"lines", {"a", "smoke"}}});
  EXPECT_EQ(started->command(), "task_is_rejected");
  const std::string reason = started->body()["reason"];
  EXPECT_NE(reason.find("it burns"), std::string::npos) << reason;
  EXPECT_NE(reason.find("smoke"), std::string::npos) << reason;
  EXPECT_EQ(state(), "rejected");
  EXPECT_TRUE(host_.runs.empty());
  EXPECT_EQ(releases(), 0u) << "it was never lent";
  const auto output = tell("read_output");
  EXPECT_EQ(output->body()["ended"], true);
}

TEST_F(TaskVenv, ABuilderThatFailsIsAskedAgain) {
  (void)tell("start", {{"script", "/a.py"}});
  builder_says("actor_has_failed", {{"reason", "its process died"}});
  ASSERT_EQ(ctx_.timers.size(), 1u);
  ctx_.timers.front().done();
  EXPECT_EQ(asked().command, "acquire_venv");
  builder_says("actor_is_not_found");
  EXPECT_EQ(state(), "rejected");
}

TEST_F(TaskVenv, CancelWhilePreparingGivesTheEnvironmentBack) {
  auto started = tell("start", {{"script", "/a.py"}});
  progress({"one"});
  auto reader = tell("read_output", {{"from", 1}, {"wait", 30}});
  auto end = tell("wait_end");
  EXPECT_EQ(tell("cancel")->command(), "task_is_stopping");
  EXPECT_EQ(end->body()["state"], "cancelled");
  EXPECT_EQ(reader->body()["ended"], true);
  EXPECT_EQ(releases(), 1u);
  builder_is_ready();
  EXPECT_TRUE(host_.runs.empty()) << "a late environment starts nothing";
}

TEST_F(TaskVenv, ExitWhilePreparingEndsAtOnce) {
  auto started = tell("start", {{"script", "/a.py"}});
  EXPECT_TRUE(ctx_.run_hook(task_->exit())->ready());
  EXPECT_EQ(started->command(), "task_is_rejected");
  EXPECT_EQ(releases(), 1u);
}

} // namespace
} // namespace troupe
