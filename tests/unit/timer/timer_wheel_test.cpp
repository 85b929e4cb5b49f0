#include "runtime/timer/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

/// A wheel whose timers note their number.
class TimerWheel : public testing::Test {
protected:
  timer_wheel::time_point start{1h};
  timer_wheel wheel{start};
  std::vector<int> fired;

  timer_wheel::handle insert(timer_wheel::time_point when, int number) {
    return wheel.insert(when, [this, number] { fired.push_back(number); });
  }

  std::vector<int> expire(timer_wheel::time_point now) {
    std::vector<std::function<void()>> due;
    wheel.expire(now, due);
    fired.clear();
    for (auto& action : due) {
      action();
    }
    return fired;
  }
};

} // namespace

TEST_F(TimerWheel, GivesWhatIsDueEarliestFirst) {
  insert(start + 30ms, 3);
  insert(start + 10ms, 1);
  insert(start + 11ms, 2);
  insert(start + 31ms, 4);
  EXPECT_EQ(expire(start + 9ms), std::vector<int>{});
  EXPECT_EQ(expire(start + 30ms), (std::vector{1, 2, 3}));
  EXPECT_EQ(expire(start + 40ms), std::vector{4});
  EXPECT_EQ(wheel.size(), 0u);
}

TEST_F(TimerWheel, ATimerOfThePastIsDueAtOnce) {
  expire(start + 1min);
  insert(start + 1s, 1);
  EXPECT_LE(*wheel.next(start + 1min), start + 1min);
  EXPECT_EQ(expire(start + 1min), std::vector{1});
}

TEST_F(TimerWheel, ACancelledTimerNeverFires) {
  auto kept = insert(start + 5ms, 1);
  auto gone = insert(start + 5ms, 2);
  EXPECT_TRUE(wheel.cancel(gone));
  EXPECT_FALSE(wheel.cancel(gone));
  EXPECT_EQ(expire(start + 6ms), std::vector{1});
  EXPECT_FALSE(wheel.cancel(kept));
}

TEST_F(TimerWheel, AHandleOfAFiredTimerDoesNotCancelItsSuccessorInTheSamePlace) {
  auto old = insert(start + 1ms, 1);
  expire(start + 1ms);
  auto fresh = insert(start + 20ms, 2);
  EXPECT_NE(old, fresh);
  EXPECT_FALSE(wheel.cancel(old));
  EXPECT_EQ(expire(start + 20ms), std::vector{2});
}

TEST_F(TimerWheel, NoHandleIsZeroAndUnknownHandlesCancelNothing) {
  EXPECT_NE(insert(start, 1), 0u);
  EXPECT_FALSE(wheel.cancel(0));
  EXPECT_FALSE(wheel.cancel(99));
  EXPECT_EQ(wheel.size(), 1u);
}

TEST_F(TimerWheel, TimersManyTurnsAheadWaitForTheirTime) {
  insert(start + 1h, 1);           // 450,000 ticks: 439 turns
  insert(start + 1h + 8192ms, 2);  // the same slot, one turn later
  insert(start + 8192ms, 3);       // one turn after the first slot
  EXPECT_EQ(expire(start + 8191ms), std::vector<int>{});
  EXPECT_EQ(expire(start + 8192ms), std::vector{3});
  EXPECT_EQ(expire(start + 1h), std::vector{1});
  EXPECT_EQ(expire(start + 1h + 9s), std::vector{2});
}

TEST_F(TimerWheel, OneLateLookFiresAllThatPiledUpOverManyTurns) {
  for (int i = 0; i < 5000; ++i) {
    insert(start + i * 7ms, i);
  }
  auto all = expire(start + 1h);
  EXPECT_EQ(all.size(), 5000u);
  EXPECT_TRUE(std::ranges::is_sorted(all));
}

TEST_F(TimerWheel, NextIsNeverLaterThanTheNextTimerAlsoIfNothingExpiredForLong) {
  EXPECT_FALSE(wheel.next(start));
  insert(start + 12s, 1);
  EXPECT_LE(*wheel.next(start + 11s), start + 12s);
}

TEST_F(TimerWheel, BehavesLikeAnOrderedListOfTimes) {
  struct timer {
    int number;
    timer_wheel::handle handle;
  };
  std::mt19937_64 dice{71};
  std::multimap<timer_wheel::time_point, timer> model;
  auto now = start;
  for (int step = 0; step < 20'000; ++step) {
    const auto what = dice() % 10;
    if (what < 5) {
      const auto horizon = dice() % 4 == 0 ? 100'000'000u : 300'000u;
      const auto when = now + std::chrono::microseconds{dice() % horizon};
      model.emplace(when, timer{step, insert(when, step)});
    } else if (what < 8 && !model.empty()) {
      auto at = std::next(model.begin(), static_cast<std::ptrdiff_t>(dice() % std::min<std::size_t>(model.size(), 50)));
      ASSERT_TRUE(wheel.cancel(at->second.handle)) << "step " << step;
      model.erase(at);
    } else {
      now += std::chrono::microseconds{dice() % 100 == 0 ? dice() % 20'000'000 : dice() % 30'000};
      auto due = expire(now);
      std::vector<int> expected;
      const auto end = model.upper_bound(now);
      for (auto at = model.begin(); at != end; ++at) {
        expected.push_back(at->second.number);
      }
      model.erase(model.begin(), end);
      ASSERT_EQ(due, expected) << "step " << step;
    }
    ASSERT_EQ(wheel.size(), model.size());
    const auto next = wheel.next(now);
    ASSERT_EQ(next.has_value(), !model.empty());
    if (next) {
      ASSERT_LE(*next, model.begin()->first) << "step " << step;
    }
  }
}
