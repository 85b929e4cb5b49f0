#include <runtime/observer/input_queue.hpp>

#include <gtest/gtest.h>

namespace troupe {
namespace {

struct answers {
  std::vector<std::string> all;
  input_queue::answer add(std::string name) {
    return [this, name = std::move(name)](result<std::size_t> how) {
      all.push_back(name + (how ? " " + std::to_string(*how) : " " + how.error().text));
    };
  }
};

TEST(InputQueue, WriteIsAnsweredWhenAllOfItIsTaken) {
  input_queue queue{true};
  answers got;
  queue.write("abc", {}, got.add("first"));
  queue.write("de", {}, got.add("second"));
  EXPECT_EQ(queue.next_piece().bytes, "abc");
  EXPECT_EQ(queue.next_piece().bytes, "de");
  EXPECT_EQ(queue.next_piece().bytes, "");
  queue.taken(2);
  EXPECT_TRUE(got.all.empty());
  queue.taken(3);
  queue.taken(5);
  EXPECT_EQ(got.all, (std::vector<std::string>{"first 3", "second 2"}));
}

TEST(InputQueue, EmptyWriteIsAnsweredInItsTurn) {
  input_queue queue{true};
  answers got;
  queue.write("", {}, got.add("empty"));
  EXPECT_EQ(got.all, (std::vector<std::string>{"empty 0"}));
}

TEST(InputQueue, NoMoreThanTheWindowIsUnderWay) {
  input_queue queue{true};
  answers got;
  const std::string text(1'000'000, 'x');
  queue.write(text, {}, got.add("big"));
  std::string sent;
  std::size_t most = 0;
  std::size_t taken = 0;
  while (taken < text.size()) {
    for (auto piece = queue.next_piece(); !piece.bytes.empty(); piece = queue.next_piece()) {
      EXPECT_LE(piece.bytes.size(), input_queue::piece_limit);
      sent += piece.bytes;
    }
    most = std::max(most, sent.size() - taken);
    taken = std::min(taken + 10'000, sent.size());
    queue.taken(taken);
  }
  EXPECT_EQ(sent, text);
  EXPECT_EQ(most, input_queue::window);
  EXPECT_EQ(got.all, (std::vector<std::string>{"big 1000000"}));
}

TEST(InputQueue, WriteIsRefusedWhileTooMuchWaits) {
  input_queue queue{true};
  answers got;
  queue.write(std::string(input_queue::queue_limit, 'x'), {}, got.add("big"));
  result<std::size_t> how = 0;
  queue.write("y", {}, [&](result<std::size_t> what) { how = what; });
  ASSERT_FALSE(how);
  EXPECT_EQ(how.error().code, error_code::mailbox_full);
}

TEST(InputQueue, CloseComesAfterWhatWasWrittenAndOnce) {
  input_queue queue{true};
  answers got;
  queue.write("abc", {}, got.add("first"));
  EXPECT_TRUE(queue.close());
  EXPECT_FALSE(queue.close_is_due());
  EXPECT_EQ(queue.next_piece().bytes, "abc");
  EXPECT_TRUE(queue.close_is_due());
  EXPECT_FALSE(queue.close_is_due());
  EXPECT_FALSE(queue.close());
  queue.write("late", {}, got.add("late"));
  EXPECT_NE(got.all.at(0).find("closed before"), std::string::npos);
}

TEST(InputQueue, BrokenInputFailsAllThatWaits) {
  input_queue queue{true};
  answers got;
  queue.write("abc", {}, got.add("first"));
  queue.broken("the script has ended");
  queue.write("def", {}, got.add("second"));
  ASSERT_EQ(got.all.size(), 2u);
  EXPECT_NE(got.all[0].find("has ended"), std::string::npos);
  EXPECT_NE(got.all[1].find("has ended"), std::string::npos);
  EXPECT_EQ(queue.next_piece().bytes, "");
  EXPECT_FALSE(queue.close_is_due());
}

TEST(InputQueue, InputThatWasNeverOpenIsRefusedWithTheReason) {
  input_queue queue{false};
  answers got;
  queue.write("abc", {}, got.add("first"));
  EXPECT_NE(got.all.at(0).find("without an open standard input"), std::string::npos);
}

} // namespace
} // namespace troupe
