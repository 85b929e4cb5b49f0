#include "runtime/node/ask_table.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>

using namespace troupe;

namespace {

message_ptr saying(std::string command) {
  message_fields fields;
  fields.command = std::move(command);
  return std::make_shared<const message>(std::move(fields));
}

class AskTable : public testing::Test {
protected:
  timer_service timers;
  ask_table asks{timers, 7};
  std::vector<std::string> heard;

  std::uint64_t open(double timeout_s = 3600) {
    const auto number = asks.next_number();
    asks.open(number, timeout_s, [this](const message_ptr& answer) { heard.push_back(answer->command()); },
              [] { return saying("timer"); });
    return number;
  }
};

using words = std::vector<std::string>;

} // namespace

TEST_F(AskTable, NumbersCarryTheIncarnationAndAreNeverTheSame) {
  EXPECT_EQ(asks.next_number() >> 32, 7u);
  const auto earlier = asks.next_number();
  EXPECT_LT(earlier, asks.next_number());
}

TEST_F(AskTable, TheFirstAnswerWinsAndALateOneFindsNothing) {
  const auto number = open();
  EXPECT_TRUE(asks.answer(number, saying("first")));
  EXPECT_FALSE(asks.answer(number, saying("second")));
  EXPECT_EQ(heard, words{"first"});
  EXPECT_EQ(asks.size(), 0u);
}

TEST_F(AskTable, AnAnswerMeantForAnEarlierLifeFindsNothing) {
  const auto number = open();
  EXPECT_FALSE(asks.answer(number - (std::uint64_t{1} << 32), saying("old")));
  EXPECT_EQ(asks.size(), 1u);
}

TEST_F(AskTable, TheTimeOutAnswersOnceAndTheAnswerAfterItIsHarmless) {
  std::promise<std::string> told;
  const auto number = asks.next_number();
  asks.open(number, 0.01, [&](const message_ptr& answer) { told.set_value(answer->command()); },
            [] { return saying("timer"); });
  EXPECT_EQ(told.get_future().get(), "timer");
  EXPECT_FALSE(asks.answer(number, saying("late")));
}

TEST_F(AskTable, ADeadNodeFailsTheAsksThatWaitThereAndNoOthers) {
  const auto there = open();
  const auto elsewhere = open();
  const auto nowhere = open();
  const auto moved = open();
  asks.waits_at(there, "n1");
  asks.waits_at(elsewhere, "n2");
  asks.waits_at(moved, "n1");
  asks.waits_at(moved, "n2");
  std::vector<std::uint64_t> failed;
  asks.fail_at("n1", [&](std::uint64_t number) {
    failed.push_back(number);
    return saying("actor_has_failed");
  });
  EXPECT_EQ(failed, std::vector{there});
  EXPECT_EQ(heard, words{"actor_has_failed"});
  EXPECT_TRUE(asks.answer(elsewhere, saying("a")));
  EXPECT_TRUE(asks.answer(nowhere, saying("b")));
  EXPECT_TRUE(asks.answer(moved, saying("c")));
}

TEST_F(AskTable, NotingThePlaceOfAnAskThatHasEndedChangesNothing) {
  const auto number = open();
  asks.answer(number, saying("x"));
  asks.waits_at(number, "n1");
  EXPECT_EQ(asks.size(), 0u);
}

TEST_F(AskTable, AnAnswerMayOpenTheNextAsk) {
  const auto number = asks.next_number();
  asks.open(number, 3600, [this](const message_ptr&) { open(); }, [] { return saying("timer"); });
  EXPECT_TRUE(asks.answer(number, saying("x")));
  EXPECT_EQ(asks.size(), 1u);
}

TEST_F(AskTable, AnswersThatRaceAreHeardOnce) {
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> count{0};
    const auto number = asks.next_number();
    asks.open(number, 0.0001, [&](const message_ptr&) { ++count; }, [] { return saying("timer"); });
    {
      std::jthread one([&] { asks.answer(number, saying("one")); });
      std::jthread two([&] { asks.answer(number, saying("two")); });
    }
    ASSERT_EQ(asks.size(), 0u);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (count == 0 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    ASSERT_EQ(count, 1);
  }
}
