#include <actors/task/task_actor.hpp>

#include <runtime/observer/fake_run_host.hpp>
#include <runtime/sdk/testing/fake_context.hpp>

#include <gtest/gtest.h>

#include <deque>

namespace troupe {
namespace {

/// A door that keeps what goes through it; the test answers.
class kept_door final : public door {
public:
  struct waiting_ask {
    request what;
    std::function<void(message_ptr)> done;
  };

  const std::string& system() const noexcept override { return name_; }
  const std::string& node() const noexcept override { return node_; }
  const std::string& head() const noexcept override { return head_; }
  result<> send(request what) override {
    sent.push_back(std::move(what));
    return refuses ? fail(error_code::mailbox_full, "too many wait") : result<>{};
  }
  void ask(request what, std::function<void(message_ptr)> done) override {
    asks.push_back({std::move(what), std::move(done)});
  }

  std::vector<request> sent;
  std::deque<waiting_ask> asks;
  bool refuses = false;

private:
  std::string name_ = "king";
  std::string node_ = "first.main.admin";
  std::string head_ = "first.trouped.admin";
};

class known_scripts final : public script_catalog {
public:
  result<std::string> find(const std::string& application, const std::string& name) const override {
    return name == "child.py" ? result<std::string>{application + "/child.py"}
                              : fail(error_code::not_found, "there is no " + name);
  }
};

/// A running task whose script the test plays.
class ScriptCalls : public testing::Test {
protected:
  ScriptCalls() {
    ctx_.own_name = "task_p";
    ports_.runs = &host_;
    ports_.actors = &door_;
    ports_.scripts = &scripts_;
    ports_.runs_folder = "/runs";
    ports_.environment.emplace();
    table_ = make_task_class(ports_);
    task_ = make();
    (void)ctx_.run_hook(task_->pre_run());
    (void)tell("start", {{"script", "/app/parent.py"}});
    run_of_task().events.on_started({77, "2026-01-01T00:00:00.000Z"});
    settle();
  }

  std::unique_ptr<actor> make() {
    auto made = table_.make();
    made->bind(&ctx_);
    return made;
  }
  void settle() {
    ctx_.run_until([] { return true; });
  }
  fake_answer_ptr tell(std::string command, json body = nullptr) {
    return ctx_.tell(*task_, table_, std::move(command), std::move(body));
  }
  fake_run& run_of_task() { return *host_.runs.back(); }
  void call(std::uint64_t id, std::string name, json body) {
    run_of_task().events.on_call({id, std::move(name), std::move(body)});
    settle();
  }
  /// The answer to a call; null if there is none.
  json answer_to(std::uint64_t id) {
    for (const auto& [number, answer] : run_of_task().answers) {
      if (number == id) {
        return answer;
      }
    }
    return nullptr;
  }
  std::string refusal_of(std::uint64_t id) { return answer_to(id)["error"]["name"]; }
  /// Answers the oldest ask; what comes of it goes to the task.
  request answer_ask(std::string command, json body = nullptr) {
    auto first = std::move(door_.asks.front());
    door_.asks.pop_front();
    const auto before = door_.sent.size();
    first.done(fake_context::make_answer(std::move(command), std::move(body)));
    for (auto i = before; i < door_.sent.size(); ++i) {
      if (door_.sent[i].command == "call_is_answered") {
        late_ = door_.sent[i].body;
        if (delivers_) {
          (void)tell("call_is_answered", late_);
        }
      }
    }
    return first.what;
  }
  std::string start_child_of(std::uint64_t id) {
    call(id, "run_script", {{"script", "child.py"}, {"params", {{"n", 1}}}});
    const std::string name = answer_ask("actor_is_created").body["name"];
    started_ = answer_ask("task_started", {{"os_pid", 5}}).body;
    return name.substr(5);
  }
  /// The task as it is made anew from what it saved, elsewhere or after a crash.
  void come_back(bool moved) {
    const auto saved = task_->save();
    task_ = make();
    task_->restore(saved);
    (void)ctx_.run_hook(moved ? task_->moved() : task_->pre_run());
    settle();
  }

  fake_run_host host_;
  kept_door door_;
  known_scripts scripts_;
  task_ports ports_;
  class_info table_;
  fake_context ctx_;
  std::unique_ptr<actor> task_;
  json late_;
  json started_;
  bool delivers_ = true;
};

TEST_F(ScriptCalls, AnAskIsAnsweredWithWhatTheActorAnswered) {
  call(1, "ask", {{"to", "echo"}, {"command", "say"}, {"body", {{"n", 1}}}, {"timeout", 3}});
  EXPECT_EQ(answer_to(1), nullptr);
  const auto asked = answer_ask("said", {{"n", 2}});
  EXPECT_EQ(asked.recipient, address("echo"));
  EXPECT_EQ(asked.command, "say");
  EXPECT_EQ(asked.timeout->count(), 3);
  EXPECT_EQ(answer_to(1), (json{{"ok", true}, {"body", {{"command", "said"}, {"body", {{"n", 2}}}}}}));
}

TEST_F(ScriptCalls, WithoutARecipientTheHeadIsAsked) {
  call(1, "ask", {{"to", nullptr}, {"command", "get_services"}});
  EXPECT_EQ(answer_ask("services").recipient, address("first.trouped.admin"));
}

TEST_F(ScriptCalls, ASendGoesOutInTheNameOfTheTask) {
  call(1, "send", {{"to", "echo"}, {"command", "note"}, {"body", {{"$bytes", "AP8="}}}});
  ASSERT_EQ(door_.sent.size(), 1u);
  EXPECT_EQ(door_.sent[0].sender, (address{"first.main.admin", "task_p"}));
  EXPECT_EQ(door_.sent[0].body, json::binary({0, 255}));
  EXPECT_EQ(answer_to(1)["ok"], true);
  door_.refuses = true;
  call(2, "send", {{"to", "echo"}, {"command", "note"}});
  EXPECT_EQ(refusal_of(2), "mailbox_full");
}

TEST_F(ScriptCalls, WrongCallsAreRefusedAndNothingGoesOut) {
  std::uint64_t id = 0;
  for (const json& body : {json(nullptr), json(5), json{{"to", 5}, {"command", "x"}}, json{{"to", "a"}},
                           json{{"to", "a"}, {"command", "x"}, {"timeout", -1}}}) {
    call(++id, "ask", body);
    EXPECT_EQ(refusal_of(id), "bad_request") << body;
  }
  call(10, "progress", {{"done", "much"}});
  call(11, "run_script", {{"script", 5}});
  call(12, "dance", nullptr);
  EXPECT_EQ(refusal_of(10), "bad_request");
  EXPECT_EQ(refusal_of(11), "bad_request");
  EXPECT_EQ(refusal_of(12), "is_not_handled");
  EXPECT_TRUE(door_.asks.empty());
  EXPECT_TRUE(door_.sent.empty());
}

TEST_F(ScriptCalls, ProgressAndResultAreInTheState) {
  call(1, "progress", {{"done", 3}, {"total", 10}, {"text", "third"}});
  call(2, "result", {{"sum", 7}});
  const auto state = tell("get_state")->body();
  EXPECT_EQ(state["progress"], (json{{"done", 3}, {"total", 10}, {"text", "third"}}));
  EXPECT_EQ(state["result"], (json{{"sum", 7}}));
  call(3, "result", std::string(2 << 20, 'x'));
  EXPECT_EQ(refusal_of(3), "too_large");
  come_back(false);
  EXPECT_EQ(tell("get_state")->body()["result"], (json{{"sum", 7}}));
}

TEST_F(ScriptCalls, AChildIsMadeAndStartedAndItsPidIsAUuid) {
  const auto pid = start_child_of(1);
  EXPECT_EQ(answer_to(1)["body"]["pid"], pid);
  EXPECT_EQ(pid.size(), 36u);
  EXPECT_EQ(started_, (json{{"id", pid},
                            {"script", "/app/child.py"},
                            {"application", "/app"},
                            {"parent", "p"},
                            {"depth", 1},
                            {"params", {{"n", 1}}}}));
  EXPECT_EQ(tell("get_state")->body()["children"], 1);
}

TEST_F(ScriptCalls, AChildThatIsRefusedIsRemovedAndTheReasonIsSaid) {
  call(1, "run_script", {{"script", "child.py"}});
  answer_ask("actor_is_created");
  answer_ask("task_is_rejected", {{"reason", "no interpreter"}});
  answer_ask("task_state", {{"os_pid", nullptr}});
  EXPECT_EQ(answer_ask("actor_is_removed").command, "remove_actor");
  EXPECT_EQ(answer_to(1)["error"]["text"], "no interpreter");
  EXPECT_EQ(tell("get_state")->body()["children"], 0);
  call(2, "run_script", {{"script", "absent.py"}});
  EXPECT_EQ(refusal_of(2), "not_found");
}

TEST_F(ScriptCalls, ATreeDoesNotGrowWithoutEnd) {
  auto deep = make();
  (void)ctx_.run_hook(deep->pre_run());
  (void)ctx_.tell(*deep, table_, "start", {{"script", "/app/parent.py"}, {"depth", script_calls::most_depth}});
  task_ = std::move(deep);
  run_of_task().events.on_started({78, ""});
  call(1, "run_script", {{"script", "child.py"}});
  EXPECT_EQ(refusal_of(1), "conflict");
}

TEST_F(ScriptCalls, AnAnswerFollowsTheTaskThatMovedMeanwhile) {
  delivers_ = false;
  call(1, "ask", {{"to", "echo"}, {"command", "add"}, {"timeout", 60}});
  call(2, "ask", {{"to", "echo"}, {"command", "add"}, {"timeout", 60}});
  come_back(true);
  answer_ask("added", 1);
  (void)tell("call_is_answered", late_);
  EXPECT_EQ(answer_to(1), nullptr) << "the call has not been told again";
  call(1, "ask", {{"to", "echo"}, {"command", "add"}, {"timeout", 60}});
  EXPECT_EQ(answer_to(1)["body"]["body"], 1);
  call(2, "ask", {{"to", "echo"}, {"command", "add"}, {"timeout", 60}});
  EXPECT_EQ(door_.asks.size(), 1u) << "asked once";
  answer_ask("added", 2);
  (void)tell("call_is_answered", late_);
  EXPECT_EQ(answer_to(2)["body"]["body"], 2);
}

TEST_F(ScriptCalls, AfterACrashACallIsDoneAgainAndAChildIsNotStartedTwice) {
  call(1, "ask", {{"to", "echo"}, {"command", "look"}});
  call(2, "run_script", {{"script", "child.py"}});
  const std::string name = door_.asks.back().what.body["name"];
  door_.asks.clear();
  come_back(false);
  call(1, "ask", {{"to", "echo"}, {"command", "look"}});
  EXPECT_EQ(answer_ask("seen").command, "look");
  call(2, "run_script", {{"script", "child.py"}});
  EXPECT_EQ(answer_ask("actor_is_not_created", {{"reason", "name taken"}}).body["name"], name);
  answer_ask("task_state", {{"os_pid", 9}});
  answer_ask("task_is_rejected", {{"reason", "the task was started before"}});
  answer_ask("task_state", {{"os_pid", 9}});
  EXPECT_EQ(answer_to(2)["body"]["pid"], name.substr(5));
  EXPECT_EQ(tell("get_state")->body()["children"], 1);
}

TEST_F(ScriptCalls, ATreeIsCancelledAsOne) {
  const auto child = start_child_of(1);
  door_.sent.clear();
  call(2, "run_script", {{"script", "child.py"}});
  EXPECT_EQ(tell("cancel", {{"tree", true}})->body()["children"], 2);
  EXPECT_EQ(run_of_task().cancels.size(), 1u);
  ASSERT_EQ(ctx_.sent.size(), 2u);
  EXPECT_EQ(ctx_.sent[0].recipient, address("task_" + child));
  EXPECT_EQ(ctx_.sent[0].body, (json{{"tree", true}}));
  answer_ask("actor_is_created");
  answer_ask("task_started", {{"os_pid", 5}});
  EXPECT_EQ(ctx_.sent.size(), 3u) << "the child that came late is cancelled too";
  call(3, "run_script", {{"script", "child.py"}});
  EXPECT_EQ(refusal_of(3), "conflict");
}

TEST_F(ScriptCalls, ATreeIsShownWithWhatTheChildrenSay) {
  const auto first = start_child_of(1);
  const auto second = start_child_of(2);
  auto tree = tell("get_tree");
  ASSERT_EQ(ctx_.asks.size(), 1u);
  EXPECT_EQ(ctx_.asks[0].what[0].command, "get_tree");
  ctx_.asks[0].done({fake_context::make_answer("task_tree", {{"id", first}, {"state", "running"}}),
                     fake_context::make_answer("actor_is_not_found")});
  ASSERT_TRUE(tree->ready());
  EXPECT_EQ(tree->body()["id"], "p");
  EXPECT_EQ(tree->body()["children"][0]["state"], "running");
  EXPECT_EQ(tree->body()["children"][1]["state"], "removed");
}

TEST_F(ScriptCalls, JsonIsHandedToTheRun) {
  auto sent = tell("send_json", {{"data", {{"n", 1}}}});
  ASSERT_EQ(run_of_task().pushes.size(), 1u);
  EXPECT_EQ(run_of_task().pushes[0].first, (json{{"n", 1}}));
  run_of_task().pushes[0].second({});
  EXPECT_EQ(sent->command(), "json_is_sent");
  auto refused = tell("send_json", {{"data", nullptr}});
  run_of_task().pushes[1].second(fail(error_code::mailbox_full, "too many wait"));
  EXPECT_EQ(refused->command(), "task_is_rejected");
  EXPECT_EQ(tell("send_json", {{"date", 1}})->command(), "bad_request");
}

TEST_F(ScriptCalls, JsonThatComesBeforeTheRunIsReachedWaits) {
  come_back(true);
  auto first = tell("send_json", {{"data", 1}});
  EXPECT_TRUE(run_of_task().pushes.empty());
  run_of_task().events.on_started({77, "2026-01-01T00:00:00.000Z", 1.0});
  settle();
  ASSERT_EQ(run_of_task().pushes.size(), 1u);
  run_of_task().pushes[0].second({});
  EXPECT_EQ(first->command(), "json_is_sent");
  come_back(true);
  auto second = tell("send_json", {{"data", 2}});
  run_result how;
  how.outcome = run_outcome::exited;
  how.exit_code = 0;
  run_of_task().events.on_end(how);
  settle();
  EXPECT_EQ(second->command(), "task_is_rejected");
}

TEST_F(ScriptCalls, AForgottenCallIsNotAnswered) {
  call(1, "ask", {{"to", "echo"}, {"command", "say"}});
  run_of_task().events.on_call_gone(1);
  settle();
  answer_ask("said");
  EXPECT_TRUE(run_of_task().answers.empty());
  (void)tell("call_is_answered", {{"id", "x"}});
  (void)tell("call_is_answered");
}

} // namespace
} // namespace troupe
