#include <actors/runs/run_places.hpp>

#include <gtest/gtest.h>

namespace troupe {
namespace {

using answer = run_places::answer;

answer ask(run_places& places, const std::string& run) { return places.ask(run, "task_" + run); }
std::string next(run_places& places) {
  const auto one = places.next();
  return one ? one->run : "";
}

TEST(RunPlaces, TheFirstGetPlacesAndTheOthersWaitInTheOrderOfTheirComing) {
  run_places places{2, 2};
  EXPECT_EQ(ask(places, "a"), answer::held);
  EXPECT_EQ(ask(places, "b"), answer::held);
  EXPECT_EQ(ask(places, "c"), answer::waits);
  EXPECT_EQ(ask(places, "d"), answer::waits);
  EXPECT_EQ(ask(places, "e"), answer::full);
  EXPECT_EQ(ask(places, "c"), answer::waits) << "it is known";
  EXPECT_EQ(places.position("d"), 2u);
  EXPECT_EQ(next(places), "");
  EXPECT_TRUE(places.leave("a"));
  EXPECT_FALSE(places.leave("a"));
  EXPECT_EQ(next(places), "c");
  EXPECT_EQ(next(places), "");
  EXPECT_EQ(places.position("d"), 1u);
  EXPECT_EQ(ask(places, "c"), answer::held);
  EXPECT_EQ(ask(places, "e"), answer::waits) << "there is room again";
}

TEST(RunPlaces, OneThatLeavesTheQueueMovesTheOthersUp) {
  run_places places{1, 9};
  for (const char* run : {"a", "b", "c", "d"}) {
    (void)ask(places, run);
  }
  EXPECT_TRUE(places.leave("b"));
  EXPECT_EQ(places.positions(), (std::map<std::string, std::size_t>{{"c", 1}, {"d", 2}}));
  EXPECT_TRUE(places.leave("a"));
  EXPECT_EQ(next(places), "c");
}

TEST(RunPlaces, OneThatCannotBeToldKeepsItsTurnAndHoldsNobodyUp) {
  run_places places{1, 9};
  for (const char* run : {"a", "b", "c", "d"}) {
    (void)ask(places, run);
  }
  EXPECT_TRUE(places.leave("a"));
  EXPECT_EQ(next(places), "b");
  places.put_back("b");
  EXPECT_EQ(next(places), "c");
  EXPECT_EQ(ask(places, "b"), answer::waits) << "it is back";
  EXPECT_TRUE(places.leave("c"));
  EXPECT_EQ(next(places), "b") << "before d, which came later";
}

TEST(RunPlaces, ANewcomerDoesNotOvertakeWhoWaits) {
  run_places places{1, 9};
  (void)ask(places, "a");
  (void)ask(places, "b");
  EXPECT_TRUE(places.leave("a"));
  EXPECT_EQ(ask(places, "c"), answer::waits);
  EXPECT_EQ(next(places), "b");
}

TEST(RunPlaces, AnotherBookGoesOnWhereTheLastOneEnded) {
  run_places places{2, 9};
  places.restore({{"a", "task_a", 5, true}, {"b", "task_b", 6, false}, {"c", "task_c", 9, false}});
  EXPECT_EQ(next(places), "b");
  EXPECT_EQ(next(places), "");
  EXPECT_EQ(ask(places, "d"), answer::waits);
  EXPECT_EQ(places.find("d")->number, 10u);
  EXPECT_EQ(places.held_after(5, 10).size(), 1u);
  EXPECT_EQ(places.held_after(6, 10).size(), 2u) << "from the first on again";
}

TEST(RunPlaces, WithoutALimitNobodyWaits) {
  run_places places{0, 0};
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(ask(places, std::to_string(i)), answer::held);
  }
}

} // namespace
} // namespace troupe
