#include <runtime/observer/call_book.hpp>

#include <gtest/gtest.h>

namespace troupe {
namespace {

class CallBook : public testing::Test {
protected:
  json answer_of(std::size_t number) { return json::parse(lines.at(number).second); }

  std::vector<std::pair<std::uint64_t, std::string>> lines;
  std::vector<run_call> told;
  std::vector<std::uint64_t> gone;
  std::vector<std::function<void()>> timers;
  call_book book{{[this](std::uint64_t connection, std::string line) { lines.emplace_back(connection, std::move(line)); },
                  [this](const run_call& what) { told.push_back(what); },
                  [this](std::uint64_t id) { gone.push_back(id); },
                  [this](std::chrono::milliseconds, std::function<void()> done) { timers.push_back(std::move(done)); }}};
};

TEST_F(CallBook, NumbersOfDifferentConnectionsDoNotMix) {
  book.take_line(1, R"({"id": 5, "call": "a"})");
  book.take_line(2, R"({"id": 5, "call": "b"})");
  ASSERT_EQ(told.size(), 2u);
  EXPECT_NE(told[0].id, told[1].id);
  book.answer(told[1].id, {{"ok", true}, {"body", "for b"}});
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].first, 2u);
  EXPECT_EQ(answer_of(0), (json{{"id", 5}, {"ok", true}, {"body", "for b"}}));
}

TEST_F(CallBook, OpenCallsAreToldAgainAndAnsweredOnesAreNot) {
  book.take_line(1, R"({"id": 1, "call": "a"})");
  book.take_line(1, R"({"id": 2, "call": "b"})");
  book.answer(told[0].id, {{"ok", true}, {"body", nullptr}});
  told.clear();
  book.tell_again();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].name, "b");
}

TEST_F(CallBook, AnswerOfAWrongShapeIsStillAnAnswer) {
  book.take_line(1, R"({"id": 1, "call": "a"})");
  book.answer(told[0].id, "nonsense");
  EXPECT_EQ(answer_of(0)["error"]["name"], "internal");
}

TEST_F(CallBook, ReadersAreServedInTheirOrderAndLateOnesAreTold) {
  book.take_line(1, R"({"id": 1, "call": "read_json", "body": {"timeout": 1}})");
  book.take_line(2, R"({"id": 2, "call": "read_json"})");
  timers.at(0)();
  EXPECT_EQ(answer_of(0)["error"]["name"], "timer");
  EXPECT_EQ(book.push({{"x", 1}}), "");
  EXPECT_EQ(lines.at(1).first, 2u);
  EXPECT_EQ(answer_of(1)["body"], (json{{"x", 1}}));
  EXPECT_EQ(book.push(2), "");
  book.take_line(1, R"({"id": 3, "call": "read_json", "body": {"timeout": 0}})");
  EXPECT_EQ(answer_of(2)["body"], 2);
}

TEST_F(CallBook, WrongTimeOfAReaderIsNamed) {
  for (const char* time : {"-1", "\"x\"", "1e300"}) {
    book.take_line(1, std::string{R"({"id": 1, "call": "read_json", "body": {"timeout": )"} + time + "}}");
    EXPECT_EQ(answer_of(lines.size() - 1)["error"]["name"], "bad_request") << time;
  }
}

TEST_F(CallBook, ClosedConnectionForgetsItsCallsAndReaders) {
  book.take_line(1, R"({"id": 1, "call": "a"})");
  book.take_line(1, R"({"id": 2, "call": "read_json"})");
  book.closed(1);
  EXPECT_EQ(gone, std::vector<std::uint64_t>{told[0].id});
  book.answer(told[0].id, {{"ok", true}});
  EXPECT_EQ(book.push(1), "");
  EXPECT_TRUE(lines.empty());
  EXPECT_EQ(book.open(), 0u);
}

TEST_F(CallBook, BodiesThatWaitAreBoundedInAll) {
  const auto line = R"({"id": 1, "call": "a", "body": ")" + std::string(15u << 20, 'x') + "\"}";
  for (int i = 0; i < 5; ++i) {
    book.take_line(1, line);
  }
  EXPECT_EQ(told.size(), 4u);
  EXPECT_EQ(answer_of(0)["error"]["name"], "mailbox_full");
}

} // namespace
} // namespace troupe
