#include <actors/runs/runs_actor.hpp>

#include <runtime/observer/run_remains.hpp>
#include <runtime/sdk/testing/fake_context.hpp>
#include <tests/unit/store/store_folder.hpp>

#include <gtest/gtest.h>

#include <fstream>

namespace troupe {
namespace {

using namespace std::chrono_literals;

/// The history on a real file, in a system that the test plays.
class RunsActor : public testing::Test {
protected:
  RunsActor() {
    runs_ports ports{*opened_.store, desk_, runs_folder_, {}, {}, {}};
    ports.node_of = [this](const std::string& name) {
      return actors_.contains(name) ? std::optional<std::string>{"first.main.admin"} : std::nullopt;
    };
    ports.names_are_settled = [] { return true; };
    ports.keeping.actor_time = seconds{0};
    table_ = make_runs_class(ports);
    runs_ = table_.make();
    runs_->bind(&ctx_);
    (void)ctx_.run_hook(runs_->pre_run());
  }

  fake_answer_ptr tell(std::string command, json body) {
    auto answer = ctx_.tell(*runs_, table_, std::move(command), std::move(body));
    ctx_.run_until([&] { return answer->ready(); });
    return answer;
  }
  void note(const std::string& id, const std::string& state) {
    json body{{"id", id}, {"name", "task_" + id}, {"state", state}, {"note", 1}, {"line", "/a.py"}};
    body["accepted_at"] = "2026-01-01T00:00:00.000Z";
    body["ended_at"] = state == "running" ? json(nullptr) : json("2026-01-01T00:00:01.000Z");
    ASSERT_EQ(tell("note_run", body)->command(), "run_is_noted");
  }
  /// The next look at what has to go.
  void look() {
    ASSERT_FALSE(ctx_.timers.empty());
    auto next = std::move(ctx_.timers.front());
    ctx_.timers.pop_front();
    next.done();
    ctx_.run_until([&] { return !ctx_.timers.empty() || !ctx_.asks.empty(); });
  }
  std::string state_of(const std::string& id) { return tell("get_run", {{"id", id}})->body().value("state", ""); }

  store_folder folder_;
  std::string runs_folder_ = (folder_.file().parent_path() / "runs").string();
  sqlite_store::opened opened_ = folder_.open();
  run_desk desk_{folder_.file(), runs_folder_};
  std::set<std::string> actors_;
  class_info table_;
  fake_context ctx_;
  std::unique_ptr<actor> runs_;
};

TEST_F(RunsActor, ANoteIsAnsweredWhenItIsWrittenAndMayComeAgain) {
  note("a", "running");
  note("a", "succeeded");
  note("a", "running");
  EXPECT_EQ(state_of("a"), "succeeded");
  EXPECT_EQ(tell("get_run", {{"id", "b"}})->command(), "run_is_unknown");
  for (const auto& bad : {json(nullptr), json{{"id", "../x"}, {"state", "running"}}, json{{"id", "x"}}}) {
    EXPECT_EQ(tell("note_run", bad)->command(), "bad_request") << bad;
  }
  EXPECT_EQ(tell("list_runs", {{"limit", 0}})->body()["field"], "limit");
}

TEST_F(RunsActor, ARunWithoutAnActorGetsTheEndThatItsObserverWrote) {
  note("a", "running");
  note("b", "running");
  note("c", "running");
  actors_ = {"task_c"};
  std::filesystem::create_directories(runs_folder_ + "/a");
  run_result how;
  how.outcome = run_outcome::exited;
  how.exit_code = 4;
  ASSERT_TRUE(keep_result(runs_folder_ + "/a", how, json::object()));
  std::filesystem::create_directories(runs_folder_ + "/b");
  look();
  EXPECT_EQ(state_of("a"), "running") << "it may be on its way";
  for (int i = 0; i < 100 && state_of("b") == "running"; ++i) {
    look();
    EXPECT_TRUE(flushed(*opened_.store));
  }
  EXPECT_EQ(state_of("a"), "failed");
  EXPECT_EQ(state_of("b"), "lost");
  EXPECT_EQ(state_of("c"), "running");
  EXPECT_EQ(kept_result(runs_folder_ + "/b")->outcome, run_outcome::lost) << "nobody can say otherwise now";
}

TEST_F(RunsActor, ARunWhoseObserverLivesIsNotLost) {
  note("a", "running");
  std::filesystem::create_directories(runs_folder_ + "/a");
  const auto lock = take_run_lock(runs_folder_ + "/a");
  for (int i = 0; i < 4; ++i) {
    look();
  }
  EXPECT_EQ(state_of("a"), "running");
}

TEST_F(RunsActor, ActorsOfEndedRunsAreRemovedOnce) {
  note("a", "succeeded");
  actors_ = {"task_a"};
  look();
  ASSERT_EQ(ctx_.asks.size(), 1u);
  EXPECT_EQ(ctx_.asks.front().what.at(0).command, "remove_actor");
  EXPECT_EQ(ctx_.asks.front().what.at(0).body["name"], "task_a");
  message_fields fields;
  fields.command = "actor_is_removed";
  auto asked = std::move(ctx_.asks.front());
  ctx_.asks.pop_front();
  asked.done({std::make_shared<const message>(std::move(fields))});
  ctx_.run_until([&] { return !ctx_.timers.empty(); });
  look();
  EXPECT_TRUE(ctx_.asks.empty());
  EXPECT_EQ(tell("get_run", {{"id", "a"}})->body()["has_actor"], false);
}

} // namespace
} // namespace troupe
