#include "actors/head/liveness_judge.hpp"
#include "actors/head/node_table.hpp"
#include "actors/head/process_wish.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace std::chrono_literals;

namespace {
using names = std::vector<std::string>;
constexpr process_condition every_condition[] = {process_condition::running, process_condition::sleeping,
                                                 process_condition::stopped, process_condition::gone};
} // namespace

TEST(LivenessJudge, AShortSilenceCondemnsNobody) {
  for (auto condition : every_condition) {
    EXPECT_EQ(judge_liveness(1.7s, condition, {}), "");
  }
}

TEST(LivenessJudge, AStoppedHungOrGoneNodeIsDeadWithinTwoSeconds) {
  EXPECT_EQ(judge_liveness(1.8s, process_condition::stopped, {}), "it is stopped");
  EXPECT_EQ(judge_liveness(1.8s, process_condition::sleeping, {}), "it hangs");
  EXPECT_EQ(judge_liveness(1.8s, process_condition::gone, {}), "it is gone");
}

TEST(LivenessJudge, AStarvedNodeHasLongerButNotForEver) {
  EXPECT_EQ(judge_liveness(9.9s, process_condition::running, {}), "");
  EXPECT_NE(judge_liveness(10s, process_condition::running, {}), "");
}

TEST(NodeTable, CountsProcessesFromZeroAndUsesNoNumberTwice) {
  node_table nodes{"first"};
  EXPECT_EQ((*nodes.add("", 1))->node, "first.process_0.admin");
  EXPECT_EQ((*nodes.add("", 2))->node, "first.process_1.admin");
  nodes.remove("first.process_1.admin");
  EXPECT_EQ((*nodes.add("", 3))->node, "first.process_2.admin");
}

TEST(NodeTable, ACountedNameStepsOverAGivenOne) {
  node_table nodes{"first"};
  ASSERT_TRUE(nodes.add("process_0", 1));
  EXPECT_EQ((*nodes.add("", 2))->node, "first.process_1.admin");
}

TEST(NodeTable, RefusesANameThatIsThere) {
  node_table nodes{"first"};
  ASSERT_TRUE(nodes.add("main", 1));
  auto again = nodes.add("main", 2);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, error_code::name_taken);
  EXPECT_EQ(nodes.find("first.main.admin")->incarnation, 1u);
}

TEST(NodeTable, TakesOverWhatIsThereAndCountsOnAfterIt) {
  node_table nodes{"first"};
  auto taken = nodes.take_over("first.process_6.admin", 9, 4711);
  ASSERT_TRUE(taken);
  EXPECT_TRUE((*taken)->adopted);
  EXPECT_EQ((*taken)->pid, 4711);
  EXPECT_EQ((*taken)->incarnation, 9u);
  ASSERT_TRUE(nodes.take_over("first.main.admin", 8, 4710));
  ASSERT_TRUE(nodes.take_over("first.process_x.admin", 8, 4712));
  EXPECT_EQ((*nodes.add("", 10))->node, "first.process_7.admin");
  EXPECT_FALSE(nodes.take_over("first.main.admin", 8, 4710));
  EXPECT_FALSE(nodes.take_over("second.main.admin", 8, 4710));
  EXPECT_FALSE(nodes.take_over("first.admin", 8, 4710));
}

TEST(NodeTable, RefusesNamesThatWouldNotBeAFileOrANode) {
  node_table nodes{"first"};
  for (const auto& name : {std::string{"a.b"}, std::string{"a/b"}, std::string{".."}, std::string{"a b"},
                           std::string{"\xc3\xa4"}, std::string(65, 'a')}) {
    auto made = nodes.add(name, 1);
    ASSERT_FALSE(made) << name;
    EXPECT_EQ(made.error().code, error_code::bad_request);
  }
  EXPECT_TRUE(nodes.add("Task-runner_7", 1));
}

TEST(NodeTable, ARecordTakenOutIsWholeAndLeavesTheOthersInOrder) {
  node_table nodes{"first"};
  for (const auto* name : {"a", "b", "c"}) {
    (*nodes.add(name, 1))->pid = name[0];
  }
  auto taken = nodes.take(*nodes.find("first.b.admin"));
  EXPECT_EQ(taken.node, "first.b.admin");
  EXPECT_EQ(taken.pid, 'b');
  EXPECT_EQ(nodes.names(), (names{"first.a.admin", "first.c.admin"}));
  EXPECT_EQ(nodes.find("first.b.admin"), nullptr);
  EXPECT_EQ(nodes.find("first.c.admin")->pid, 'c');
}

TEST(NodeTable, AProcessThatWasWrittenDownWaitsUnderItsOldNameAndNumbersGoOn) {
  node_table nodes{"first"};
  process_row row{"first.process_4.admin", 9, 4711, true, false, true, true, 2};
  nodes.set_next_number(5);
  auto* record = nodes.restore(row);
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->state, node_record::condition::waiting);
  EXPECT_TRUE(record->came_up) << "it is no first start: it comes back if it dies";
  EXPECT_EQ(nodes.names(), names{}) << "it does not run";
  EXPECT_EQ(nodes.restore(row), nullptr);
  EXPECT_EQ((*nodes.add("", 1))->node, "first.process_5.admin");
  row.pid = 0;
  EXPECT_EQ(nodes.find("first.process_4.admin")->row(), row);
}

TEST(NodeTable, OnlyTheNewestDeathsAreKept) {
  node_table nodes{"first"};
  auto& record = **nodes.add("a", 1);
  for (int i = 0; i < 25; ++i) {
    record.note_death(std::to_string(i));
  }
  EXPECT_EQ(record.deaths.size(), 10u);
  EXPECT_EQ(record.deaths.back(), "24");
}

TEST(ProcessWish, NothingMeansANumberedPermanentProcess) {
  for (const auto& body : {json(nullptr), json(""), json::object(), json{{"name", nullptr}}}) {
    const auto wish = parse_process_wish(body);
    ASSERT_TRUE(wish) << body;
    EXPECT_EQ(wish->name, "");
    EXPECT_TRUE(wish->permanent);
    EXPECT_FALSE(wish->persist);
  }
}

TEST(ProcessWish, TakesWhatIsSaid) {
  const auto wish = parse_process_wish({{"name", "w"}, {"restart", "temporary"}, {"persist", true}});
  ASSERT_TRUE(wish);
  EXPECT_EQ(wish->name, "w");
  EXPECT_FALSE(wish->permanent);
  EXPECT_TRUE(wish->persist);
}

TEST(ProcessWish, SaysWhichFieldIsWrong) {
  const std::pair<json, const char*> wrong[] = {
    {json{{"name", 1}}, "name"}, {json(7), "name"}, {json{{"restart", "always"}}, "restart"}, {json{{"persist", "yes"}}, "persist"}};
  for (const auto& [body, field] : wrong) {
    const auto wish = parse_process_wish(body);
    ASSERT_FALSE(wish) << body;
    EXPECT_EQ(wish.error().command(), "bad_request");
    EXPECT_EQ(wish.error().body().at("field"), field);
  }
}
