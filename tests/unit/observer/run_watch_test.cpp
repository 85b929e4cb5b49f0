#include <runtime/observer/run_watch.hpp>

#include <gtest/gtest.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

/// A watch on a clock that the test moves.
class RunWatch : public testing::Test {
protected:
  run_limits limits{.timeout = 10s, .stop_grace = 5s, .orphan_grace = 3s};
  run_watch::time_point now{};

  run_watch make() { return {limits, now}; }
  watch_action at(run_watch& watch, std::chrono::milliseconds when) {
    now = run_watch::time_point{} + when;
    return watch.next(now);
  }
};

TEST_F(RunWatch, RunIsOverWhenTheScriptEndedAndNothingIsLeft) {
  auto watch = make();
  watch.script_ended(now);
  watch.tree_is_empty();
  EXPECT_EQ(watch.next(now), watch_action::finish);
  EXPECT_EQ(watch.next(now), watch_action::none);
  EXPECT_EQ(watch.cause(), stop_cause::none);
  EXPECT_FALSE(watch.stopped_leftovers());
}

TEST_F(RunWatch, TimeLimitTerminatesThenKillsUntilTheTreeIsEmpty) {
  auto watch = make();
  EXPECT_EQ(at(watch, 9'999ms), watch_action::none);
  EXPECT_EQ(watch.wake_at(), run_watch::time_point{} + 10s);
  EXPECT_EQ(at(watch, 10s), watch_action::terminate_tree);
  EXPECT_EQ(at(watch, 10s), watch_action::none);
  EXPECT_EQ(watch.wake_at(), run_watch::time_point{} + 15s);
  EXPECT_EQ(at(watch, 15s), watch_action::kill_tree);
  EXPECT_EQ(at(watch, 15s), watch_action::none);
  EXPECT_EQ(at(watch, 15'010ms), watch_action::kill_tree);
  watch.script_ended(now);
  EXPECT_EQ(at(watch, 15'020ms), watch_action::kill_tree) << "the script's own end is not enough";
  watch.tree_is_empty();
  EXPECT_EQ(at(watch, 15'021ms), watch_action::finish);
  EXPECT_EQ(watch.cause(), stop_cause::timed_out);
}

TEST_F(RunWatch, ScriptThatIsFasterThanItsLimitEndedByItself) {
  auto watch = make();
  watch.script_ended(now + 9'999ms);
  EXPECT_EQ(at(watch, 10s), watch_action::none);
  EXPECT_EQ(watch.cause(), stop_cause::none);
}

TEST_F(RunWatch, LeftoversMayEndByThemselvesThenAreTerminatedThenKilled) {
  auto watch = make();
  watch.script_ended(now);
  EXPECT_EQ(at(watch, 299ms), watch_action::none);
  EXPECT_EQ(at(watch, 300ms), watch_action::terminate_tree);
  EXPECT_TRUE(watch.stopped_leftovers());
  EXPECT_EQ(at(watch, 1'299ms), watch_action::none);
  EXPECT_EQ(at(watch, 1'300ms), watch_action::kill_tree);
  EXPECT_EQ(watch.cause(), stop_cause::none);
}

TEST_F(RunWatch, CancelHasTheGraceItWasGiven) {
  auto watch = make();
  watch.cancel(now, 1s);
  EXPECT_EQ(watch.next(now), watch_action::terminate_tree);
  EXPECT_EQ(at(watch, 1s), watch_action::kill_tree);
  EXPECT_EQ(watch.cause(), stop_cause::cancelled);
}

TEST_F(RunWatch, SecondCancelMayOnlyShortenTheGrace) {
  auto watch = make();
  watch.cancel(now);
  EXPECT_EQ(watch.next(now), watch_action::terminate_tree);
  watch.cancel(now, 60s);
  EXPECT_EQ(watch.wake_at(), now + 5s);
  watch.cancel(now, 0ms);
  EXPECT_EQ(watch.next(now), watch_action::kill_tree);
}

TEST_F(RunWatch, CancelAfterTheScriptsEndDoesNotChangeWhyItEnded) {
  auto watch = make();
  watch.script_ended(now);
  watch.cancel(now);
  EXPECT_EQ(watch.next(now), watch_action::terminate_tree);
  EXPECT_EQ(watch.cause(), stop_cause::none);
}

TEST_F(RunWatch, LossOfTheUserEndsTheRunAfterItsGrace) {
  auto watch = make();
  watch.user_is_gone(now);
  EXPECT_EQ(at(watch, 2'999ms), watch_action::none);
  EXPECT_EQ(at(watch, 3s), watch_action::terminate_tree);
  EXPECT_EQ(watch.cause(), stop_cause::orphaned);
}

TEST_F(RunWatch, NoTimeLimitMeansNoWaking) {
  limits.timeout.reset();
  auto watch = make();
  EXPECT_FALSE(watch.wake_at());
  EXPECT_EQ(at(watch, std::chrono::hours{10'000}), watch_action::none);
}

TEST_F(RunWatch, ProcessesThatCannotBeKilledDoNotHoldTheResultForEver) {
  auto watch = make();
  watch.cancel(now, 0ms);
  EXPECT_EQ(watch.next(now), watch_action::terminate_tree);
  watch_action last = watch_action::none;
  for (auto when = 0ms; when <= 20s && last != watch_action::finish; when += 10ms) {
    last = at(watch, when);
  }
  EXPECT_EQ(last, watch_action::finish);
  EXPECT_TRUE(watch.gave_up());
}

TEST_F(RunWatch, LimitThatLeavesNoTimeKillsAtOnce) {
  auto watch = make();
  watch.exceed(now, stop_cause::memory);
  EXPECT_EQ(at(watch, 0ms), watch_action::kill_tree);
  EXPECT_EQ(watch.cause(), stop_cause::memory);
  watch.exceed(now, stop_cause::disk);
  EXPECT_EQ(watch.cause(), stop_cause::memory) << "the first one counts";
}

TEST_F(RunWatch, LimitThatLeftoversPassIsNotTheScriptsEnd) {
  auto watch = make();
  watch.script_ended(now);
  watch.exceed(now, stop_cause::memory);
  EXPECT_EQ(at(watch, 0ms), watch_action::kill_tree);
  EXPECT_EQ(watch.cause(), stop_cause::none);
  EXPECT_TRUE(watch.stopped_leftovers());
}

TEST_F(RunWatch, UserThatComesBackInTimeKeepsTheRunAlive) {
  auto watch = make();
  watch.user_is_gone(now);
  EXPECT_EQ(at(watch, 2'999ms), watch_action::none);
  watch.user_is_back();
  EXPECT_EQ(at(watch, 3s), watch_action::none);
  watch.user_is_gone(now);
  EXPECT_EQ(at(watch, 6s), watch_action::terminate_tree);
  EXPECT_EQ(watch.cause(), stop_cause::orphaned);
}

} // namespace
} // namespace troupe
