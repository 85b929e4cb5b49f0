#include "runtime/supervision/restart_policy.hpp"

#include <gtest/gtest.h>

#include <set>

using namespace troupe;

namespace {

using seconds = std::chrono::duration<double>;

/// A policy with a clock that the test sets.
struct supervised {
  explicit supervised(restart_limits limits = {}, std::uint64_t seed = 1) : policy(limits, seed) {}

  std::optional<double> fails_after(double pause) {
    now += std::chrono::duration_cast<std::chrono::steady_clock::duration>(seconds{pause});
    auto wait = policy.failed(now);
    if (!wait) {
      return std::nullopt;
    }
    now += std::chrono::duration_cast<std::chrono::steady_clock::duration>(*wait);
    return wait->count();
  }

  restart_policy policy;
  restart_policy::time_point now{};
};

} // namespace

TEST(RestartPolicy, TheWaitDoublesFromATenthOfASecondWithATwentyPercentJitter) {
  supervised actor;
  double expected = 0.1;
  for (int i = 0; i < 5; ++i) {
    auto wait = actor.fails_after(0);
    ASSERT_TRUE(wait);
    EXPECT_GE(*wait, expected * 0.8 - 1e-9);
    EXPECT_LE(*wait, expected * 1.2 + 1e-9);
    expected *= 2;
  }
}

TEST(RestartPolicy, TheSixthFailureInTenSecondsLeadsToQuarantineAndSoDoesNothingElse) {
  supervised actor;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(actor.fails_after(0.01)) << i;
    EXPECT_FALSE(actor.policy.is_quarantined());
  }
  EXPECT_FALSE(actor.fails_after(0.01));
  EXPECT_TRUE(actor.policy.is_quarantined());
  EXPECT_FALSE(actor.fails_after(1000)) << "time alone does not end a quarantine";
  EXPECT_EQ(actor.policy.restarts(), 5u);
}

TEST(RestartPolicy, FailuresThatAreFarApartNeverLeadToQuarantine) {
  supervised actor;
  for (int i = 0; i < 1000; ++i) {
    auto wait = actor.fails_after(10.5);
    ASSERT_TRUE(wait) << i;
    EXPECT_LE(*wait, 0.121) << "after a quiet period it begins anew";
  }
}

TEST(RestartPolicy, ALongWaitIsNoQuietPeriod) {
  restart_limits limits;
  limits.max_restarts = 100;
  limits.window = seconds{1};
  supervised actor{limits};
  double last = 0;
  for (int i = 0; i < 30; ++i) {
    auto wait = actor.fails_after(0.5); // at once after each comeback
    ASSERT_TRUE(wait);
    last = *wait;
    EXPECT_LE(last, 30.0);
  }
  EXPECT_GE(last, 24.0) << "the wait stays at its most while it fails and fails";
}

TEST(RestartPolicy, ResumeForgetsThePastButNotTheCount) {
  supervised actor;
  while (actor.fails_after(0)) {
  }
  actor.policy.resume();
  EXPECT_FALSE(actor.policy.is_quarantined());
  auto wait = actor.fails_after(0);
  ASSERT_TRUE(wait);
  EXPECT_LE(*wait, 0.121);
  EXPECT_EQ(actor.policy.restarts(), 6u);
}

TEST(RestartPolicy, NoRestartAtAllIsAQuarantineAtTheFirstFailure) {
  restart_limits limits;
  limits.max_restarts = 0;
  supervised actor{limits};
  EXPECT_FALSE(actor.fails_after(0));
  EXPECT_TRUE(actor.policy.is_quarantined());
}

TEST(RestartPolicy, TheJitterFollowsItsSeed) {
  std::set<double> waits;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    supervised first{{}, seed};
    supervised second{{}, seed};
    auto wait = first.fails_after(0);
    EXPECT_EQ(wait, second.fails_after(0));
    waits.insert(*wait);
  }
  EXPECT_GT(waits.size(), 15u) << "those that failed together do not come back together";
}
