#include <actors/venv/venv_builder.hpp>

#include <runtime/observer/fake_run_host.hpp>
#include <runtime/sdk/testing/fake_context.hpp>
#include <runtime/venv/venv_lock.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace troupe {
namespace {

namespace fs = std::filesystem;

/// A builder over runs that the test plays: what no tool does twice in the same way.
class VenvBuilder : public testing::Test {
protected:
  VenvBuilder() {
    char name[] = "/tmp/troupe-builder-XXXXXX";
    root_ = ::mkdtemp(name);
    ports_.runs = &host_;
    ports_.folder = root_ / "venvs";
    ports_.tools.tool = "pip";
    ports_.tools.python = "/bin/sh"; // it is never run
    ports_.environment = {{"PATH", "/usr/bin:/bin"}};
    table_ = make_venv_builder_class(ports_);
    builder_ = table_.make();
    builder_->bind(&ctx_);
    (void)ctx_.run_hook(builder_->pre_run());
  }
  ~VenvBuilder() override {
    (void)ctx_.run_hook(builder_->exit());
    builder_.reset();
    fs::remove_all(root_);
  }

  fake_answer_ptr tell(std::string command, json body = nullptr) {
    auto answer = ctx_.tell(*builder_, table_, std::move(command), std::move(body));
    settle();
    return answer;
  }
  void settle() {
    ctx_.run_until([] { return true; });
  }
  fake_run& last_run() { return *host_.runs.back(); }

  /// The last run prints `text` and ends.
  void run_ends(int code, const std::string& text = "done\n") {
    auto& what = last_run();
    what.events.on_end({run_outcome::exited, code, {}, "", 1, {}});
    what.reads.back().done({{{0, spool_stream::out, {}, text}}, 1, true});
    settle();
    settle();
  }
  /// A tool has made the environment.
  void lay(const std::string& name) {
    const venv_folder folder{ports_.folder};
    fs::create_directories(folder.bin_of(name));
    std::ofstream{folder.python_of(name)} << "#!/bin/sh\n";
    fs::permissions(folder.python_of(name), fs::perms::owner_all);
  }
  void make(const std::string& name) {
    auto made = tell("create_venv", {{"name", name}});
    lay(name);
    run_ends(0);
    ASSERT_EQ(made->command(), "venv_is_created") << made->body();
  }
  std::string state(const std::string& name) { return tell("get_venv", {{"name", name}})->body()["state"]; }

  fs::path root_;
  fake_run_host host_;
  venv_ports ports_;
  fake_context ctx_;
  class_info table_;
  std::unique_ptr<actor> builder_;
};

TEST_F(VenvBuilder, ABuildIsAnObserverRunUnderTheLockWithTheTimeLimit) {
  auto made = tell("create_venv", {{"name", "v"}});
  ASSERT_EQ(host_.runs.size(), 1u);
  const auto& plan = last_run().plan;
  EXPECT_EQ(plan.argv.front(), "flock");
  EXPECT_EQ(plan.argv.back(), (ports_.folder / "v").string());
  ASSERT_TRUE(plan.timeout);
  EXPECT_LE(plan.timeout->count(), 300'000);
  EXPECT_EQ(plan.orphan_grace.count(), 0) << "a build without its builder ends";
  EXPECT_EQ(state("v"), "building");
  EXPECT_EQ(builder_->stays(), "it builds the environment v");
  lay("v");
  EXPECT_EQ(venv_folder{ports_.folder}.look("v"), venv_folder::condition::broken) << "no mark before the end";
  run_ends(0);
  EXPECT_EQ(made->command(), "venv_is_created");
  EXPECT_EQ(state("v"), "ready");
  EXPECT_EQ(builder_->stays(), "");
}

TEST_F(VenvBuilder, AToolThatSaysItIsDoneButMadeNothingHasFailed) {
  auto made = tell("create_venv", {{"name", "v"}});
  run_ends(0);
  EXPECT_EQ(made->command(), "venv_is_not_created");
  EXPECT_EQ(state("v"), "failed");
}

TEST_F(VenvBuilder, ChangesOfOneEnvironmentComeOneAfterTheOtherAndOthersSideBySide) {
  auto first = tell("create_venv", {{"name", "v"}});
  auto second = tell("create_venv", {{"name", "v"}, {"clean", true}});
  auto other = tell("create_venv", {{"name", "w"}});
  EXPECT_EQ(host_.runs.size(), 2u);
  lay("v");
  host_.runs[0]->events.on_end({run_outcome::exited, 0, {}, "", 1, {}});
  host_.runs[0]->reads.back().done({{}, 0, true});
  settle();
  settle();
  EXPECT_EQ(first->command(), "venv_is_created");
  EXPECT_FALSE(second->ready());
  EXPECT_FALSE(other->ready());
  EXPECT_EQ(state("v"), "building") << "the second one makes it anew";
}

TEST_F(VenvBuilder, AnInstallationThatWasKilledAtWorkLeavesItUnusableUntilSomebodyRepairsIt) {
  make("v");
  auto installed = tell("install", {{"name", "v"}, {"packages", {"a"}}});
  while (last_run().plan.argv.back() != "a") { // pip is laid first
    run_ends(0);
  }
  EXPECT_NE(state("v"), "ready");
  auto& pip = last_run();
  pip.events.on_end({run_outcome::signalled, {}, 9, "", 1, {}});
  pip.reads.back().done({{{0, spool_stream::out, {}, "Installing collected packages: a\n"}}, 1, true});
  settle();
  settle();
  EXPECT_EQ(installed->command(), "packages_are_not_installed");
  EXPECT_EQ(state("v"), "failed");
  EXPECT_EQ(tell("acquire_venv", {{"name", "v"}, {"run", "r"}})->command(), "venv_is_not_ready");
  auto again = tell("install", {{"name", "v"}, {"packages", {"a"}}});
  while (!again->ready()) {
    run_ends(0);
  }
  EXPECT_EQ(again->command(), "packages_are_installed") << again->body();
  EXPECT_EQ(state("v"), "ready");
}

TEST_F(VenvBuilder, ABuildThatLostItsEnvironmentToAnotherBuilderDoesNotMarkIt) {
  auto made = tell("create_venv", {{"name", "v"}});
  lay("v");
  venv_note theirs;
  theirs.owner = "another";
  ASSERT_TRUE(venv_folder{ports_.folder}.write_note("v", theirs));
  run_ends(0);
  EXPECT_EQ(made->command(), "venv_is_not_created");
  EXPECT_EQ(venv_folder{ports_.folder}.look("v"), venv_folder::condition::broken);
}

TEST_F(VenvBuilder, AUserWhoseActorIsGoneIsNoUserAnyMore) {
  make("v");
  ASSERT_EQ(tell("acquire_venv", {{"name", "v"}, {"run", "r"}, {"actor", "task_r"}, {"clean", true}})->command(), "venv_is_ready");
  EXPECT_EQ(ctx_.sent.back().command, "watch");
  EXPECT_EQ(ctx_.sent.back().body["entity"], "task_r");
  EXPECT_GT(ctx_.checkpoints, 0);
  (void)tell("actor_is_down", {{"entity", "task_r"}, {"will_restart", true}});
  EXPECT_EQ(tell("get_venv", {{"name", "v"}})->body()["users"], json::array({"r"}));
  (void)tell("actor_is_down", {{"entity", "task_r"}, {"will_restart", false}});
  EXPECT_EQ(state("v"), "absent") << "and what was to be cleaned is";
}

TEST_F(VenvBuilder, AUserOfTheBuilderBeforeIsLookedForByTheNextOne) {
  make("v");
  (void)tell("acquire_venv", {{"name", "v"}, {"run", "r"}, {"actor", "task_r"}});
  const auto kept = builder_->save();
  (void)ctx_.run_hook(builder_->exit());
  builder_ = table_.make();
  builder_->bind(&ctx_);
  builder_->restore(kept);
  ctx_.sent.clear();
  (void)ctx_.run_hook(builder_->pre_run());
  ASSERT_FALSE(ctx_.sent.empty());
  EXPECT_EQ(ctx_.sent.back().body["entity"], "task_r");
  EXPECT_EQ(tell("delete_venv", {{"name", "v"}})->command(), "venv_is_not_deleted");
  (void)tell("actor_is_not_found", {{"entity", "task_r"}});
  EXPECT_EQ(tell("delete_venv", {{"name", "v"}})->command(), "venv_is_deleted");
}

TEST_F(VenvBuilder, TheDefaultEnvironmentIsClearedAtACleanStartOnlyAndNotUnderARun) {
  make("default");
  (void)tell("start", {{"fresh", false}});
  EXPECT_EQ(state("default"), "ready");
  (void)tell("acquire_venv", {{"run", "r"}, {"clean", true}});
  (void)tell("start", {{"fresh", true}});
  EXPECT_EQ(state("default"), "ready");
  (void)tell("release_venv", {{"run", "r"}});
  EXPECT_EQ(state("default"), "ready") << "the default one is not cleaned";
  (void)tell("start", {{"fresh", true}});
  EXPECT_EQ(state("default"), "building");
}

TEST_F(VenvBuilder, WithoutAnInterpreterItSaysWhatIsMissing) {
  auto with = ports_;
  with.tools.python = "no-such-python";
  table_ = make_venv_builder_class(with);
  builder_ = table_.make();
  builder_->bind(&ctx_);
  auto made = tell("create_venv", {{"name", "v"}});
  settle();
  EXPECT_EQ(made->command(), "venv_is_not_created");
  EXPECT_NE(made->body()["reason"].get<std::string>().find("no-such-python"), std::string::npos) << made->body();
}

} // namespace
} // namespace troupe
