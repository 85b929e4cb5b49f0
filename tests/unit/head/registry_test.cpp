#include "actors/head/actor_registry.hpp"
#include "runtime/store/fake_head_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace troupe;

namespace {

using names = std::vector<std::string>;

const actor_kind echo{json{{"requires_dist", "a"}, {"class", "Echo"}}, nullptr, false};
const actor_kind temporary{json{{"requires_dist", "a"}, {"class", "Echo"}}, json{{"restart", "temporary"}}, false};
const actor_kind persistent{json{{"requires_dist", "a"}, {"class", "Echo"}}, nullptr, true};

names sorted(names all) {
  std::ranges::sort(all);
  return all;
}

class Registry : public testing::Test {
protected:
  names written() const {
    names all;
    for (const auto& row : store.content.actors) {
      all.push_back(row.name);
    }
    return sorted(std::move(all));
  }

  fake_head_store store;
  actor_registry all{3, store};
};

} // namespace

TEST(KindTable, HoldsEqualKindsOnceAndUsesTheNumberOfAGoneOneAgain) {
  kind_table kinds;
  const auto first = kinds.add(echo, 2);
  EXPECT_TRUE(first.is_new);
  const auto again = kinds.add(echo, 1);
  EXPECT_FALSE(again.is_new);
  EXPECT_EQ(again.number, first.number);
  const auto other = kinds.add(persistent, 1);
  EXPECT_NE(other.number, first.number);
  kinds.remove_from(first.number, 2);
  EXPECT_NE(kinds.find(first.number), nullptr);
  kinds.remove_from(first.number, 1);
  EXPECT_EQ(kinds.find(first.number), nullptr);
  EXPECT_EQ(kinds.add(temporary, 1).number, first.number);
  EXPECT_EQ(kinds.find(other.number)->persist, true);
  EXPECT_EQ(kinds.find(0), nullptr);
  EXPECT_EQ(kinds.size(), 2u);
}

TEST(KindTable, ARestoredKindKeepsItsNumber) {
  kind_table kinds;
  kinds.restore(5, echo);
  EXPECT_EQ(kinds.add(echo, 1).number, 5u);
  for (int i = 0; i < 4; ++i) {
    const actor_kind another{echo.class_desc, json{{"max_restarts", i}}, false};
    EXPECT_NE(kinds.add(another, 1).number, 5u);
  }
  EXPECT_EQ(kinds.size(), 5u);
}

TEST(KindTable, OnlyWhatSaysTemporaryOrHasNoClassDoesNotComeBack) {
  EXPECT_TRUE(echo.is_permanent());
  EXPECT_TRUE((actor_kind{echo.class_desc, json{{"on_failure", "stop"}}}.is_permanent()));
  EXPECT_FALSE(temporary.is_permanent());
  EXPECT_FALSE(actor_kind{}.is_permanent());
}

TEST_F(Registry, WritesDownWhatComesBackAndForgetsWhatIsReleased) {
  ASSERT_TRUE(all.reserve({"a", "b"}, "n1", echo));
  ASSERT_TRUE(all.reserve({"t"}, "n1", temporary));
  EXPECT_FALSE(all.reserve({"c", "a"}, "n2", echo));
  EXPECT_EQ(written(), (names{"a", "b"}));
  ASSERT_EQ(store.content.kinds.size(), 1u);
  EXPECT_EQ(store.content.kinds[0].class_desc, echo.class_desc);
  EXPECT_EQ(all.release({"a", "t", "nobody"}, "n1"), 2u);
  EXPECT_EQ(all.release({"b"}, "n2"), 0u) << "not the owner";
  EXPECT_EQ(written(), names{"b"});
  EXPECT_EQ(all.names().size(), 1u);
}

TEST_F(Registry, KindsOfReleasedActorsAreNotKept) {
  for (int i = 0; i < 100; ++i) {
    const actor_kind one{echo.class_desc, json{{"max_restarts", i}}, false};
    ASSERT_TRUE(all.reserve({"a"}, "n1", one));
    ASSERT_FALSE(all.reserve({"a"}, "n2", temporary)) << "taken: its kind is not kept either";
    ASSERT_EQ(all.release({"a"}, "n1"), 1u);
  }
  EXPECT_EQ(all.kinds().size(), 0u);
}

TEST_F(Registry, ADeadProcessKeepsItsPermanentActorsWithNewEpochs) {
  ASSERT_TRUE(all.reserve_node("n1"));
  const auto before = *all.reserve({"a", "b"}, "n1", echo);
  ASSERT_TRUE(all.reserve({"t"}, "n1", temporary));
  ASSERT_TRUE(all.reserve({"c"}, "n2", echo));
  EXPECT_TRUE(all.keep_checkpoint("a", before, json{{"params", {{"x", 1}}}}));
  EXPECT_EQ(all.lose_node("n1"), names{"t"});
  EXPECT_EQ(sorted(all.permanent_names("n1")), (names{"a", "b"}));
  EXPECT_TRUE(all.names().find("n1"));
  EXPECT_FALSE(all.names().find("t"));
  const auto again = all.restoration_of("a", 4);
  EXPECT_EQ(again.at("class_desc"), echo.class_desc);
  EXPECT_EQ(again.at("checkpoint"), (json{{"params", {{"x", 1}}}}));
  EXPECT_EQ(again.at("restarts"), 4);
  EXPECT_GT(epoch::from_json(again.at("epoch")), before);
  EXPECT_EQ(epoch::from_json(again.at("epoch")), all.names().find("a")->since);
  EXPECT_TRUE(all.restoration_of("b", 0).at("checkpoint").is_null());
  EXPECT_TRUE(all.restoration_of("t", 0).is_null());
}

TEST_F(Registry, ACheckpointOfAnEarlierLifeIsNotKept) {
  const auto before = *all.reserve({"a"}, "n1", echo);
  EXPECT_TRUE(all.keep_checkpoint("a", before, 1));
  all.lose_node("n1");
  EXPECT_FALSE(all.keep_checkpoint("a", before, 2)) << "told by the dead process";
  EXPECT_EQ(all.checkpoint_of("a"), 1);
  EXPECT_TRUE(all.keep_checkpoint("a", all.names().find("a")->since, 3));
  EXPECT_EQ(all.checkpoint_of("a"), 3);
  EXPECT_FALSE(all.keep_checkpoint("nobody", before, 1));
  all.release({"a"}, "n1");
  ASSERT_TRUE(all.reserve({"a"}, "n1", echo));
  EXPECT_TRUE(all.checkpoint_of("a").is_null()) << "a name made again begins anew";
  EXPECT_TRUE(store.find("a")->checkpoint.empty());
}

TEST_F(Registry, AnActorThatWasMadeOfAnotherClassComesBackAsThat) {
  const json newer{{"requires_dist", "a >=2"}, {"class", "Echo"}};
  const auto since = *all.reserve({"a", "b"}, "n1", persistent);
  EXPECT_TRUE(all.keep_checkpoint("a", since, 1, persistent.class_desc));
  EXPECT_EQ(all.kinds().size(), 1u);
  EXPECT_TRUE(all.keep_checkpoint("a", since, 2, newer));
  EXPECT_EQ(all.restoration_of("a", 0).at("class_desc"), newer);
  EXPECT_TRUE(all.kind_of("a")->persist);
  EXPECT_EQ(all.restoration_of("b", 0).at("class_desc"), persistent.class_desc);
  EXPECT_NE(store.find("a")->kind, store.find("b")->kind);
  all.release({"a", "b"}, "n1");
  EXPECT_EQ(all.kinds().size(), 0u);
}

TEST_F(Registry, WhatWasWrittenDownIsThereUntilALivingNodeSaysOtherwise) {
  const json state{{"state", "kept"}};
  store_content found;
  found.kinds = {{7, echo.class_desc, echo.supervision, false}};
  found.actors = {{"a", "n1", 7, json::to_cbor(state)}, {"b", "n1", 7, {}}, {"lost", "n1", 99, {}}};
  all.load(found);
  EXPECT_EQ(all.names().size(), 2u) << "of an actor without a kind nothing is known";
  EXPECT_EQ(all.checkpoint_of("a"), state);
  EXPECT_FALSE(all.reserve({"a"}, "n2", echo)) << "its name is in use";
  // n1 lives and has `a` and something that is not written down; `b` it has not.
  EXPECT_FALSE(all.adopt("a", "n1", {2, 9}, actor_kind{}));
  EXPECT_FALSE(all.adopt("new", "n1", {2, 10}, echo));
  EXPECT_FALSE(all.adopt("passing", "n1", {2, 11}, temporary));
  EXPECT_EQ(all.drop_unconfirmed("n1"), names{"b"});
  EXPECT_EQ(all.names().find("a")->since, (epoch{2, 9}));
  EXPECT_EQ(all.kind_of("a")->class_desc, echo.class_desc) << "as it is written down";
  EXPECT_EQ(all.checkpoint_of("a"), state);
  EXPECT_EQ(written(), names{"new"}) << "what is written already, or passing, is not written";
  EXPECT_EQ(all.lose_node("n1"), names{"passing"});
  all.release({"a", "new"}, "n1");
  EXPECT_EQ(all.kinds().size(), 0u);
}

TEST_F(Registry, ANameThatLivesElsewhereThanItIsWrittenDownIsThereAndNobodyHasToGo) {
  store_content found;
  found.kinds = {{1, echo.class_desc, nullptr, false}};
  found.actors = {{"a", "n1", 1, {}}};
  all.load(found);
  EXPECT_FALSE(all.adopt("a", "n2", {2, 5}, echo));
  EXPECT_EQ(all.names().find("a")->node, "n2");
  EXPECT_EQ(store.find("a")->node, "n2");
  EXPECT_EQ(all.adopt("a", "n3", {2, 4}, echo), "n3") << "the older of two that live";
  EXPECT_EQ(all.adopt("a", "n3", {2, 6}, echo), "n2");
  EXPECT_EQ(all.names().find("a")->node, "n3");
  all.release({"a"}, "n3");
  EXPECT_EQ(all.kinds().size(), 0u);
}

TEST_F(Registry, AMoveIsWrittenDown) {
  const auto since = *all.reserve({"a"}, "n1", persistent);
  ASSERT_TRUE(all.keep_checkpoint("a", since, 1));
  ASSERT_TRUE(all.move("a", {"n1", since}, "n2"));
  EXPECT_EQ(store.find("a")->node, "n2");
  EXPECT_EQ(all.checkpoint_of("a"), 1);
  EXPECT_EQ(all.permanent_names("n2"), names{"a"});
  EXPECT_FALSE(all.move("a", {"n1", since}, "n3"));
  EXPECT_EQ(store.find("a")->node, "n2");
}

TEST_F(Registry, WhatEndsWithTheSystemStaysWrittenDown) {
  store.put_process({"n1"});
  ASSERT_TRUE(all.reserve({"a"}, "n1", persistent));
  EXPECT_EQ(all.release_node("n1", true), 1u);
  EXPECT_EQ(written(), names{"a"});
  ASSERT_TRUE(all.reserve({"a"}, "n1", persistent));
  EXPECT_EQ(all.release_node("n1"), 1u);
  EXPECT_EQ(written(), names{});
  EXPECT_TRUE(store.content.processes.empty());
}
