#include <runtime/warm_pool/fake_warm_parents.hpp>
#include <runtime/warm_pool/warm_pool.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;

/// A pool in a world whose time goes on when the test says so.
class WarmPool : public testing::Test {
protected:
  WarmPool() { make({}); }

  void make(warm_pool_options options) {
    warm_pool_world world;
    world.now = [this] { return now_; };
    world.after = [this](std::chrono::milliseconds time, std::function<void()> what) { timers_.emplace(now_ + time, std::move(what)); };
    world.stamp = [this](const std::string&) { return stamp_; };
    pool_.reset();
    pool_ = std::make_unique<warm_pool>(parents_, std::move(world), options);
  }

  static run_plan plan(const std::string& flavour = "") {
    run_plan out;
    out.script = "/s/a.py";
    out.argv = {"/usr/bin/python3", out.script};
    out.env["PYTHONFLAVOUR"] = flavour;
    return out;
  }

  /// Asks for a seat: nothing while it waits, then whether there is one.
  std::shared_ptr<std::optional<bool>> take(const run_plan& what = plan()) {
    auto got = std::make_shared<std::optional<bool>>();
    pool_->take(what, [this, got](std::optional<prepared_observer> one) {
      *got = one.has_value();
      if (one) {
        source_ = one->source;
      }
    });
    return got;
  }

  void pass(std::chrono::milliseconds time) {
    const auto until = now_ + time;
    while (!timers_.empty() && timers_.begin()->first <= until) {
      auto next = timers_.extract(timers_.begin());
      now_ = next.key();
      next.mapped()();
    }
    now_ = until;
  }

  fake_warm_parents::one& parent(std::size_t number) { return *parents_.all.at(number); }

  warm_pool_world::time_point now_{};
  std::multimap<warm_pool_world::time_point, std::function<void()>> timers_;
  std::string stamp_ = "a";
  fake_warm_parents parents_;
  std::uint64_t source_ = 0;
  std::unique_ptr<warm_pool> pool_;
};

TEST_F(WarmPool, FirstRunIsColdAndMakesAParentForTheNext) {
  EXPECT_EQ(*take(), false);
  ASSERT_EQ(parents_.all.size(), 1u);
  EXPECT_EQ(parent(0).orders, 2);
  EXPECT_EQ(*take(), false) << "it has not shown yet that it works";
  parent(0).serve();
  EXPECT_EQ(*take(), true);
  EXPECT_EQ(parent(0).orders, 1) << "what was taken is made anew";
}

TEST_F(WarmPool, RunWaitsAMomentWhenAllSeatsAreTaken) {
  take();
  parent(0).serve();
  EXPECT_EQ(*take(), true);
  EXPECT_EQ(*take(), true);
  const auto third = take();
  EXPECT_EQ(*third, std::nullopt);
  parent(0).seat();
  EXPECT_EQ(*third, true);
  parent(0).serve();
  take();
  take();
  const auto late = take();
  pass(499ms);
  EXPECT_EQ(*late, std::nullopt);
  pass(1ms);
  EXPECT_EQ(*late, false);
}

TEST_F(WarmPool, SoManySeatsComeAsRunsWait) {
  take();
  parent(0).serve();
  std::vector<std::shared_ptr<std::optional<bool>>> all;
  for (int n = 0; n < 100; ++n) {
    all.push_back(take());
  }
  EXPECT_EQ(parent(0).orders, 66) << "64 wait, 2 stay";
  EXPECT_EQ(*all.back(), false) << "more do not wait";
  parent(0).serve();
  EXPECT_EQ(std::ranges::count_if(all, [](const auto& one) { return *one == true; }), 66);
  EXPECT_EQ(parent(0).orders, 0);
}

TEST_F(WarmPool, SeatWhoseObserverIsGoneIsNotGiven) {
  take();
  parent(0).serve();
  parent(0).observers.front().reset();
  EXPECT_EQ(*take(), true);
  EXPECT_EQ(parent(0).orders, 2);
}

TEST_F(WarmPool, ParentThatWorkedIsReplacedWhenItEnds) {
  take();
  parent(0).serve();
  take();
  take();
  const auto waits = take();
  parent(0).events.on_end("it was killed");
  EXPECT_EQ(*waits, false);
  EXPECT_TRUE(parent(0).dropped);
  ASSERT_EQ(parents_.all.size(), 2u);
  parent(1).serve();
  EXPECT_EQ(*take(), true);
}

TEST_F(WarmPool, ParentThatNeverWorkedIsLeftAloneForAWhile) {
  take();
  parent(0).events.on_end("exit code 1");
  take();
  EXPECT_EQ(parents_.all.size(), 1u);
  pass(60s);
  take();
  EXPECT_EQ(parents_.all.size(), 2u);
  parents_.failure = error{error_code::io_error, "no process"};
  take(plan("other"));
  parents_.failure.reset();
  EXPECT_EQ(*take(plan("other")), false);
  EXPECT_EQ(parents_.all.size(), 2u);
}

TEST_F(WarmPool, IdleParentEnds) {
  take();
  parent(0).serve();
  pass(200s);
  EXPECT_EQ(*take(), true);
  parent(0).serve();
  pass(290s);
  EXPECT_FALSE(parent(0).dropped);
  pass(20s);
  EXPECT_TRUE(parent(0).dropped);
  EXPECT_TRUE(timers_.empty() || (pass(10s), timers_.empty())) << "nothing is looked for when there is nothing";
}

TEST_F(WarmPool, ParentThatMakesNothingEnds) {
  take();
  parent(0).serve();
  take();
  pass(10s);
  EXPECT_TRUE(parent(0).dropped);
  take();
  ASSERT_EQ(parents_.all.size(), 2u);
  pass(4s);
  parent(1).seat();
  pass(9s);
  EXPECT_FALSE(parent(1).dropped) << "one is on its way, and it is known to work";
}

TEST_F(WarmPool, ChangedInterpreterIsNotUsed) {
  take();
  parent(0).serve();
  stamp_ = "b";
  EXPECT_EQ(*take(), false);
  EXPECT_TRUE(parent(0).dropped);
  ASSERT_EQ(parents_.all.size(), 2u);
  stamp_ = "c";
  pass(5s);
  EXPECT_TRUE(parent(1).dropped) << "also when nobody asks";
}

TEST_F(WarmPool, StaleInterpreterIsReplacedAndAnUnfitRunIsNot) {
  take();
  parent(0).serve();
  take();
  pool_->refused(source_, "PYTHONPATH has a module that is loaded at each start: sitecustomize");
  EXPECT_FALSE(parent(0).dropped);
  pool_->refused(source_, "stale: its import path has changed");
  EXPECT_TRUE(parent(0).dropped);
  EXPECT_EQ(parents_.all.size(), 2u);
  pool_->refused(source_, "stale: again");
  EXPECT_EQ(parents_.all.size(), 2u);
}

TEST_F(WarmPool, LeastUsedParentMakesRoom) {
  warm_pool_options options;
  options.most_parents = 2;
  make(options);
  for (const auto* flavour : {"a", "b"}) {
    take(plan(flavour));
    parents_.all.back()->serve();
    pass(1s);
  }
  take(plan("a"));
  take(plan("c"));
  EXPECT_FALSE(parent(0).dropped);
  EXPECT_TRUE(parent(1).dropped);
  parent(2).serve();
  for (int n = 0; n < 3; ++n) { // somebody waits at each
    take(plan("a"));
    take(plan("c"));
  }
  EXPECT_EQ(*take(plan("d")), false);
  EXPECT_EQ(parents_.all.size(), 3u);
}

TEST_F(WarmPool, EndOfThePoolEndsAllAndAnswersAll) {
  take();
  parent(0).serve();
  take();
  take();
  const auto waits = take();
  pool_->close();
  EXPECT_TRUE(parent(0).dropped);
  EXPECT_EQ(*waits, false);
  EXPECT_EQ(*take(), false);
  EXPECT_EQ(parents_.all.size(), 1u);
  pool_.reset();
  pass(600s); // timers that come late find nothing
}

TEST_F(WarmPool, SizeZeroMakesNone) {
  warm_pool_options options;
  options.most_parents = 0;
  make(options);
  EXPECT_EQ(*take(), false);
  EXPECT_TRUE(parents_.all.empty());
}

TEST(WarmKey, IsOfPlainPythonRunsOnly) {
  run_plan plan;
  plan.script = "/s/a.py";
  plan.argv = {"/usr/bin/python3", "/s/a.py", "x"};
  ASSERT_TRUE(warm_key_of(plan));
  EXPECT_EQ(warm_key_of(plan)->python, "/usr/bin/python3");
  for (const auto& argv : std::vector<std::vector<std::string>>{{"/usr/bin/python3"},
                                                                {"/usr/bin/python3", "-O", "/s/a.py"},
                                                                {"/usr/bin/nopython", "/s/a.py"},
                                                                {"/usr/bin/python3", "/s/a.py", std::string(131'072, 'x')}}) {
    auto other = plan;
    other.argv = argv;
    EXPECT_FALSE(warm_key_of(other));
  }
  plan.env["COVERAGE_PROCESS_START"] = "x";
  EXPECT_FALSE(warm_key_of(plan));
  plan.env.clear();
  plan.script = plan.argv[1] = "/s/a.sh";
  EXPECT_FALSE(warm_key_of(plan));
}

TEST(WarmKey, HoldsWhatAnInterpreterLooksAtWhenItStarts) {
  run_plan plan;
  plan.script = "/s/a.py";
  plan.argv = {"python3", "/s/a.py"};
  plan.env = {{"PATH", "/usr/bin"}, {"PYTHONPATH", "/x"}, {"PYTHONUTF8", "1"}, {"LC_ALL", "C"}, {"TASK_PARAMS", "{}"}};
  const auto key = warm_key_of(plan);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->env, (std::map<std::string, std::string>{{"PATH", "/usr/bin"}, {"PYTHONUTF8", "1"}, {"LC_ALL", "C"}}));
  plan.env["TASK_PARAMS"] = "other";
  EXPECT_EQ(warm_key_of(plan), key);
  plan.own_pid_namespace = false;
  EXPECT_NE(warm_key_of(plan), key);
}

} // namespace
} // namespace troupe
