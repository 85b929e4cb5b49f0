#include "runtime/timer/timer_service.hpp"

#include <gtest/gtest.h>

#include <future>
#include <limits>

using namespace troupe;
using namespace std::chrono_literals;

TEST(TimerService, FiresAndNeverBeforeItsTime) {
  timer_service timers;
  std::promise<std::chrono::steady_clock::time_point> fired;
  const auto begun = std::chrono::steady_clock::now();
  timers.after(20ms, [&] { fired.set_value(std::chrono::steady_clock::now()); });
  auto at = fired.get_future();
  ASSERT_EQ(at.wait_for(10s), std::future_status::ready);
  EXPECT_GE(at.get() - begun, 20ms);
}

TEST(TimerService, AnEarlierTimerIsNotHeldUpByALaterOne) {
  timer_service timers;
  timers.after(1h, [] { ADD_FAILURE() << "an hour has not passed"; });
  std::promise<void> fired;
  timers.after(1ms, [&] { fired.set_value(); });
  EXPECT_EQ(fired.get_future().wait_for(10s), std::future_status::ready);
}

TEST(TimerService, AnActionMaySetAndCancelTimers) {
  timer_service timers;
  std::promise<bool> cancelled;
  timers.after(0s, [&] {
    auto other = timers.after(1h, [] {});
    timers.after(0s, [&, other] { cancelled.set_value(timers.cancel(other)); });
  });
  EXPECT_TRUE(cancelled.get_future().get());
}

TEST(TimerService, TimesBeyondTheClockAreTaken) {
  timer_service timers;
  const auto longest = timers.after(std::chrono::duration<double>{std::numeric_limits<double>::infinity()}, [] {});
  EXPECT_TRUE(timers.cancel(longest));
  std::promise<void> fired;
  timers.after(-1s, [&] { fired.set_value(); });
  EXPECT_EQ(fired.get_future().wait_for(10s), std::future_status::ready);
}

TEST(TimerService, AfterStopNothingFiresAndNothingIsTaken) {
  timer_service timers;
  timers.after(1h, [] {});
  timers.stop();
  EXPECT_EQ(timers.after(0s, [] { ADD_FAILURE(); }), 0u);
  timers.stop();
}
