#include "runtime/node/replica_table.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

replica from(const std::string& node, std::uint64_t move, epoch since) {
  replica made;
  made.from = node;
  made.move = move;
  made.since = since;
  return made;
}

} // namespace

TEST(ReplicaTable, AnEarlierMoveOfTheSamePlaceIsOver) {
  replica_table table;
  ASSERT_TRUE(table.add("a", from("n1", 3, {1, 7})));
  EXPECT_FALSE(table.add("a", from("n1", 4, {1, 7})));
  EXPECT_EQ(table.superseded_by("a", from("n1", 4, {1, 7})), std::optional<std::uint64_t>{3});
}

TEST(ReplicaTable, AReplicaOfAnotherPlaceOrOfALaterMoveStays) {
  replica_table table;
  ASSERT_TRUE(table.add("a", from("n1", 3, {1, 7})));
  EXPECT_EQ(table.superseded_by("a", from("n1", 2, {1, 7})), std::nullopt) << "a request that comes late";
  EXPECT_EQ(table.superseded_by("a", from("n1", 3, {1, 7})), std::nullopt) << "the same one again";
  EXPECT_EQ(table.superseded_by("a", from("n2", 9, {1, 7})), std::nullopt);
  EXPECT_EQ(table.superseded_by("a", from("n1", 9, {1, 8})), std::nullopt) << "the place has changed: that move may have come to pass";
  EXPECT_EQ(table.superseded_by("b", from("n1", 9, {1, 7})), std::nullopt);
}
