#include "actors/admin/members.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

const std::string head = "first.main.admin";

std::vector<member_row> three_nodes() {
  std::vector<member_row> rows;
  for (const auto* node : {"first.main.admin", "first.process_0.admin", "first.process_1.admin"}) {
    rows.push_back({"actors", node, node});
  }
  return rows;
}

json ids(const json& answer) {
  json all = json::array();
  for (const auto& member : answer["members"]) {
    all.push_back(member["id"]);
  }
  return all;
}

json page(int number) {
  auto question = parse_members_question(json{{"page_size", 2}, {"level", "process"}, {"id", "_page_" + std::to_string(number)}});
  return members_answer(*question, "process", three_nodes(), head, "prime", head);
}

} // namespace

TEST(Members, AHeadWithTwoChildrenAndPagesOfTwoAnswersAsTheModelDid) {
  auto question = parse_members_question(json{{"page_size", 2}, {"level", "process"}});
  ASSERT_TRUE(question);
  const json expected = json::parse(R"({
    "members": [{"next_level": "actors", "recipient": "first.main.admin", "id": "first.main.admin"},
                {"next_level": "actors", "recipient": "first.process_0.admin", "id": "first.process_0.admin"}],
    "level": "process",
    "nav": {"next_level": "process", "recipient": "first.main.admin", "count": 2, "page": 0},
    "_back": {"next_level": "prime", "recipient": "first.main.admin", "id": "_back"}})");
  EXPECT_EQ(members_answer(*question, "process", three_nodes(), head, "prime", head), expected);
}

TEST(Members, PagesCountFromZeroAndTheLastMayBeShort) {
  EXPECT_EQ(ids(page(0)), json({"first.main.admin", "first.process_0.admin"}));
  EXPECT_EQ(ids(page(1)), json::array({"first.process_1.admin"}));
  EXPECT_EQ(page(1)["nav"]["page"], 1);
}

TEST(Members, APageBeyondTheEndIsTheLastOne) {
  EXPECT_EQ(page(7), page(1));
  auto question = parse_members_question(json{{"page_size", 10'000}, {"id", "_page_18446744073709551615"}});
  ASSERT_TRUE(question);
  EXPECT_EQ(ids(members_answer(*question, "process", three_nodes(), head, "prime", head)).size(), 3u);
}

TEST(Members, OnePageHasNoNavigationAndTheHeadNoWayBack) {
  auto question = parse_members_question(json{{"page_size", 3}});
  const auto answer = members_answer(*question, "head", three_nodes(), head, "", "");
  EXPECT_FALSE(answer.contains("nav"));
  EXPECT_FALSE(answer.contains("_back"));
  EXPECT_EQ(answer["members"].size(), 3u);
}

TEST(Members, TheWalkEndsWithNulls) {
  auto question = parse_members_question(json{{"page_size", 1}, {"level", "actor"}, {"id", "greeter"}});
  const auto answer = members_answer(*question, "actor", {{"", "", question->id}}, head, "actors", head);
  EXPECT_EQ(answer["members"], json::parse(R"([{"next_level": null, "recipient": null, "id": "greeter"}])"));
}

TEST(Members, NoRowsAreOneEmptyPage) {
  auto question = parse_members_question(json{{"page_size", 5}});
  const auto answer = members_answer(*question, "prime", {}, head, "head", head);
  EXPECT_EQ(answer["members"], json::array());
  EXPECT_FALSE(answer.contains("nav"));
}

TEST(Members, AQuestionWithoutASensiblePageSizeIsRefused) {
  for (const auto& body : {json(nullptr), json::object(), json{{"page_size", 0}}, json{{"page_size", -1}},
                           json{{"page_size", "5"}}, json{{"page_size", 1.5}}, json{{"page_size", 10'001}},
                           json{{"page_size", UINT64_MAX}}}) {
    auto question = parse_members_question(body);
    ASSERT_FALSE(question) << body;
    EXPECT_EQ(question.error().command(), "bad_request");
    EXPECT_EQ(question.error().body()["field"], "page_size");
  }
}

TEST(Members, AnUnknownLevelAndABrokenPageAreRefused) {
  auto level = parse_members_question(json{{"page_size", 5}, {"level", "host"}});
  ASSERT_FALSE(level);
  EXPECT_EQ(level.error().body()["field"], "level");
  for (const auto* id : {"_page_", "_page_x", "_page_-1", "_page_1x", "_page_99999999999999999999"}) {
    auto question = parse_members_question(json{{"page_size", 5}, {"id", id}});
    ASSERT_FALSE(question) << id;
    EXPECT_EQ(question.error().body()["field"], "id");
  }
}

TEST(Members, AMembersNameIsPageZero) {
  auto question = parse_members_question(json{{"page_size", 5}, {"id", "first.process_0.admin"}, {"level", nullptr}});
  ASSERT_TRUE(question);
  EXPECT_EQ(question->page, 0u);
  EXPECT_EQ(question->level, "");
}

TEST(Members, OneThatIsNotWellIsShownWithItsState) {
  auto question = parse_members_question(json{{"page_size", 5}, {"level", "actors"}});
  const auto answer = members_answer(*question, "actors", {{"actor", "n", "well", {}}, {"actor", "n", "ill", "quarantined"}},
                                     "n", "process", head);
  EXPECT_FALSE(answer["members"][0].contains("state"));
  EXPECT_EQ(answer["members"][1]["state"], "quarantined");
}
