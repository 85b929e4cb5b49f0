#include "runtime/node/failure_board.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace std::chrono_literals;

namespace {
const failure_board::clock::time_point start{1000s};
} // namespace

TEST(FailureBoard, AnActorWithoutAPastRuns) {
  failure_board board;
  EXPECT_EQ(board.report("a"), (json{{"name", "a"}, {"state", "running"}, {"restarts", 0}, {"errors", json::array()}}));
  EXPECT_TRUE(board.actors().empty()) << "to ask about it gives it none";
}

TEST(FailureBoard, TheNewestErrorsAreKeptWithTheirTimes) {
  failure_board board;
  for (int i = 0; i < 12; ++i) {
    board.note_error("a", "command", std::to_string(i), start + std::chrono::seconds{i});
  }
  const auto errors = board.report("a")["errors"];
  ASSERT_EQ(errors.size(), failure_board::kept_errors);
  EXPECT_EQ(errors.front(), (json{{"at", 1002.0}, {"command", "command"}, {"reason", "2"}}));
  EXPECT_EQ(errors.back()["reason"], "11");
}

TEST(FailureBoard, AConditionSaysForHowLongItHolds) {
  failure_board board;
  board.note_condition("a", failure_board::condition::quarantined, start);
  EXPECT_EQ(board.report("a", start + 5s)["state"], "quarantined");
  EXPECT_EQ(board.report("a", start + 5s)["since_s"], 5.0);
  board.note_restart("a", start + 6s);
  EXPECT_EQ(board.report("a")["state"], "running");
  EXPECT_EQ(board.report("a")["restarts"], 1);
  EXPECT_FALSE(board.report("a").contains("since_s"));
}

TEST(FailureBoard, WhoIsGoneIsForgotten) {
  failure_board board;
  board.note_error("a", "c", "r", start);
  board.note_error("b", "c", "r", start);
  board.forget("a");
  board.forget("a");
  EXPECT_EQ(board.actors(), std::vector<std::string>{"b"});
}
