#include "runtime/supervision/group_plan.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using names = std::vector<std::string>;

TEST(GroupPlan, EachStrategyHasItsSetInTheOrderOfTheGroup) {
  for (auto [word, of_b] : {std::pair{"one_for_one", names{}}, std::pair{"one_for_all", names{"a", "c", "d"}},
                            std::pair{"rest_for_one", names{"c", "d"}}}) {
    group_plan plan;
    ASSERT_TRUE(plan.add({"g", *parse_group_strategy(word), {"a", "b", "c", "d"}}));
    EXPECT_EQ(plan.restarted_with("b"), of_b) << word;
    EXPECT_EQ(plan.restarted_with("stranger"), names{}) << word;
  }
}

TEST(GroupPlan, TheLastHasNobodyAfterItAndTheFirstHasAll) {
  group_plan plan;
  ASSERT_TRUE(plan.add({"g", group_strategy::rest_for_one, {"a", "b", "c"}}));
  EXPECT_EQ(plan.restarted_with("c"), names{});
  EXPECT_EQ(plan.restarted_with("a"), (names{"b", "c"}));
}

TEST(GroupPlan, AnActorIsInOneGroupOnce) {
  group_plan plan;
  ASSERT_TRUE(plan.add({"first", group_strategy::one_for_all, {"a", "b"}}));
  EXPECT_FALSE(plan.add({"first", group_strategy::one_for_all, {"x"}}));
  auto both = plan.add({"second", group_strategy::one_for_all, {"c", "b"}});
  ASSERT_FALSE(both);
  EXPECT_NE(both.error().text.find("b"), std::string::npos);
  EXPECT_FALSE(plan.add({"third", group_strategy::one_for_all, {"c", "c"}}));
  EXPECT_EQ(plan.of("a")->name, "first");
  EXPECT_EQ(plan.of("c"), nullptr) << "a refused group leaves nothing";
}

TEST(GroupPlan, AStrategyIsOneOfThree) {
  EXPECT_FALSE(parse_group_strategy("all_for_one"));
  EXPECT_FALSE(parse_group_strategy(""));
}
