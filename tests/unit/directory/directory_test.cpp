#include "runtime/directory/directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace troupe;

namespace {
using names = std::vector<std::string>;
}

TEST(Directory, ReservesAllNamesOfARequestOrNone) {
  directory all{1};
  ASSERT_TRUE(all.reserve({"b"}, "n1"));
  auto refused = all.reserve({"a", "b", "c"}, "n2");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), names{"b"});
  EXPECT_FALSE(all.find("a"));
  EXPECT_FALSE(all.find("c"));
  EXPECT_EQ(all.find("b")->node, "n1");
  EXPECT_EQ(all.size(), 1u);
  EXPECT_EQ(all.size_of("n2"), 0u);
}

TEST(Directory, NamesEveryNameThatIsTaken) {
  directory all{1};
  ASSERT_TRUE(all.reserve({"a", "c"}, "n1"));
  EXPECT_EQ(all.reserve({"a", "b", "c"}, "n1").error(), (names{"a", "c"}));
}

TEST(Directory, ANameTwiceInOneRequestIsTakenAndLeavesNothing) {
  directory all{1};
  EXPECT_EQ(all.reserve({"x", "a", "a"}, "n1").error(), names{"a"});
  EXPECT_EQ(all.size(), 0u);
  EXPECT_EQ(all.size_of("n1"), 0u);
  EXPECT_TRUE(all.reserve({"x", "a"}, "n2"));
}

TEST(DirectoryCensus, TakesOverNamesWithTheirEpochsAndGoesOnAboveThem) {
  directory all{3};
  all.begin_census("n1");
  EXPECT_FALSE(all.is_settled());
  EXPECT_FALSE(all.adopt("a", {"n1", {2, 7}}));
  EXPECT_FALSE(all.adopt("a", {"n1", {2, 7}})) << "said twice it is the same";
  all.end_census("n1");
  EXPECT_TRUE(all.is_settled());
  EXPECT_EQ(all.find("a")->node, "n1");
  EXPECT_EQ(all.find("a")->since, (epoch{2, 7}));
  EXPECT_EQ(all.size_of("n1"), 1u);
  EXPECT_FALSE(all.reserve({"a"}, "n2"));
  EXPECT_GT(*all.reserve({"b"}, "n2"), (epoch{2, 7}));
}

TEST(DirectoryCensus, ANameThatWasReleasedMeanwhileDoesNotComeBack) {
  directory all{2};
  all.begin_census("n1");
  all.begin_census("n2");
  all.release("gone", "n1");
  EXPECT_FALSE(all.adopt("gone", {"n1", {1, 1}}));
  EXPECT_FALSE(all.find("gone"));
  EXPECT_FALSE(all.adopt("gone", {"n2", {1, 2}}));
  EXPECT_EQ(all.find("gone")->node, "n2") << "another node's is another actor";
}

TEST(DirectoryCensus, OfTwoPlacesOfANameTheLaterOneCounts) {
  directory all{2};
  EXPECT_FALSE(all.adopt("a", {"n1", {1, 5}}));
  EXPECT_EQ(all.adopt("a", {"n2", {1, 4}}), "n2");
  EXPECT_EQ(all.find("a")->node, "n1");
  EXPECT_EQ(all.adopt("a", {"n3", {1, 6}}), "n1");
  EXPECT_EQ(all.find("a")->node, "n3");
  EXPECT_EQ(all.size_of("n1"), 0u);
  EXPECT_EQ(all.size_of("n3"), 1u);
  EXPECT_FALSE(all.release("a", "n1"));
}

TEST(DirectoryCensus, WhatANodeTellsIsNewerThanWhatWasOnlyWrittenDown) {
  directory all{2};
  EXPECT_FALSE(all.adopt("a", {"n1", {0, 1}, 7}));
  EXPECT_FALSE(all.adopt("a", {"n1", {1, 5}, 7}));
  EXPECT_EQ(all.find("a")->since, (epoch{1, 5}));
  EXPECT_EQ(all.find("a")->kind, 7u);
  EXPECT_FALSE(all.adopt("a", {"n1", {0, 1}, 7}));
  EXPECT_EQ(all.find("a")->since, (epoch{1, 5}));
  EXPECT_EQ(all.size_of("n1"), 1u);
}

TEST(DirectoryCensus, ADeadNodeIsWaitedForNoLonger) {
  directory all{2};
  all.begin_census("n1");
  EXPECT_FALSE(all.adopt("a", {"n1", {1, 1}}));
  EXPECT_EQ(all.release_node("n1"), 1u);
  EXPECT_TRUE(all.is_settled());
  EXPECT_FALSE(all.find("a"));
}

TEST(Directory, OnlyTheOwnerReleasesAName) {
  directory all{1};
  ASSERT_TRUE(all.reserve({"a"}, "n1"));
  EXPECT_FALSE(all.release("a", "n2"));
  EXPECT_TRUE(all.find("a"));
  EXPECT_TRUE(all.release("a", "n1"));
  EXPECT_FALSE(all.release("a", "n1"));
  EXPECT_FALSE(all.find("a"));
  EXPECT_EQ(all.size_of("n1"), 0u);
}

TEST(Directory, AReleaseThatComesLateDoesNotTakeTheNameFromItsNextOwner) {
  directory all{1};
  ASSERT_TRUE(all.reserve({"a"}, "n1"));
  all.release_node("n1");
  ASSERT_TRUE(all.reserve({"a"}, "n2"));
  EXPECT_FALSE(all.release("a", "n1"));
  EXPECT_EQ(all.find("a")->node, "n2");
}

TEST(Directory, ANodesEndFreesItsNamesAndNoOthers) {
  directory all{1};
  ASSERT_TRUE(all.reserve({"a", "b"}, "n1"));
  ASSERT_TRUE(all.reserve({"c"}, "n2"));
  EXPECT_EQ(all.release_node("n1"), 2u);
  EXPECT_EQ(all.release_node("n1"), 0u);
  EXPECT_EQ(all.release_node("never heard of"), 0u);
  EXPECT_EQ(all.size(), 1u);
  EXPECT_EQ(all.size_of("n1"), 0u);
  EXPECT_TRUE(all.reserve({"a"}, "n2"));
  EXPECT_EQ(all.size_of("n2"), 2u);
}

TEST(Directory, ANameMadeAgainHasALargerEpoch) {
  directory all{3};
  const auto before = *all.reserve({"a"}, "n1");
  all.release("a", "n1");
  const auto after = *all.reserve({"a"}, "n1");
  EXPECT_LT(before, after);
  EXPECT_EQ(all.find("a")->since, after);
}

TEST(Directory, AnyEpochOfALaterHeadIsLarger) {
  directory early{1};
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(early.reserve({std::to_string(i)}, "n1"));
  }
  directory late{2};
  EXPECT_LT(early.find("99")->since, *late.reserve({"a"}, "n1"));
}

TEST(Directory, ANameKeepsItsKindThroughMovesAndRenewals) {
  directory all{1};
  const auto since = *all.reserve({"a"}, "n1", 7);
  EXPECT_EQ(all.find("a")->kind, 7u);
  ASSERT_TRUE(all.move("a", {"n1", since}, "n2"));
  EXPECT_EQ(all.find("a")->kind, 7u);
  all.renew("n2");
  EXPECT_EQ(all.find("a")->kind, 7u);
}

TEST(Directory, RenewingGivesEveryNameOfANodeALaterEpochAndNoOther) {
  directory all{1};
  ASSERT_TRUE(all.reserve({"a", "b"}, "n1"));
  ASSERT_TRUE(all.reserve({"c"}, "n2"));
  const auto other = all.find("c")->since;
  const auto before = all.find("a")->since;
  const auto renewed = all.renew("n1");
  EXPECT_GT(renewed, before);
  EXPECT_GT(renewed, other);
  EXPECT_EQ(all.find("a")->since, renewed);
  EXPECT_EQ(all.find("b")->since, renewed);
  EXPECT_EQ(all.find("c")->since, other);
  EXPECT_GT(*all.reserve({"d"}, "n1"), renewed);
}

TEST(Directory, ListsTheNamesOfANode) {
  directory all{1};
  ASSERT_TRUE(all.reserve({"a"}, "n1", 1));
  ASSERT_TRUE(all.reserve({"b"}, "n1", 2));
  ASSERT_TRUE(all.reserve({"c"}, "n2", 3));
  auto held = all.names_of("n1");
  std::ranges::sort(held, {}, &held_name::name);
  ASSERT_EQ(held.size(), 2u);
  EXPECT_EQ(held[0].name, "a");
  EXPECT_EQ(held[0].kind, 1u);
  EXPECT_EQ(held[1].kind, 2u);
  EXPECT_TRUE(all.names_of("never heard of").empty());
}
