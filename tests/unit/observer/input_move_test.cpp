#include <runtime/observer/input_queue.hpp>

#include <gtest/gtest.h>

namespace troupe {
namespace {

/// A queue that goes along with its task: what was not taken is sent again from the place that the observer names.
TEST(InputQueueMoves, WhatTheObserverHasIsNotSentAgain) {
  input_queue source{true};
  bool told = false;
  source.write("abcdef", "w1", [&](result<std::size_t>) { told = true; });
  (void)source.next_piece();
  source.taken(2);
  EXPECT_EQ(source.withdraw(), std::vector<std::string>{"w1"});
  auto target = input_queue::from_json(source.to_json());
  target.attached(4);
  const auto piece = target.next_piece();
  EXPECT_EQ(piece.offset, 4u);
  EXPECT_EQ(piece.bytes, "ef");
  result<std::size_t> how = 0;
  EXPECT_TRUE(target.claim("w1", [&](result<std::size_t> what) { how = what; }));
  target.taken(6);
  EXPECT_EQ(how, 6u);
  EXPECT_FALSE(told);
  EXPECT_FALSE(target.claim("w1", {})) << "it has its answer";
}

TEST(InputQueueMoves, WriteThatEndsBeforeItIsClaimedKeepsItsAnswer) {
  input_queue source{true};
  source.write("abc", "w1", [](result<std::size_t>) {});
  (void)source.next_piece();
  EXPECT_EQ(source.withdraw().size(), 1u);
  source.taken(3);
  auto target = input_queue::from_json(source.to_json());
  result<std::size_t> how = 0;
  EXPECT_TRUE(target.claim("w1", [&](result<std::size_t> what) { how = what; }));
  EXPECT_EQ(how, 3u);
}

TEST(InputQueueMoves, EarlierStateThanTheObserversIsBroughtUpToIt) {
  input_queue kept{true};
  kept.write("abc", "", [](result<std::size_t>) {});
  auto later = input_queue::from_json(kept.to_json());
  later.attached(10); // written after that state was kept
  EXPECT_TRUE(later.next_piece().bytes.empty());
  later.write("new", "", [](result<std::size_t>) {});
  const auto piece = later.next_piece();
  EXPECT_EQ(piece.offset, 10u);
  EXPECT_EQ(piece.bytes, "new");
}

TEST(InputQueueMoves, EndOfInputIsToldToTheNextObserverToo) {
  input_queue source{true};
  EXPECT_TRUE(source.close());
  EXPECT_TRUE(source.close_is_due());
  auto target = input_queue::from_json(source.to_json());
  target.attached(0);
  EXPECT_TRUE(target.close_is_due());
  EXPECT_FALSE(target.close());
}

} // namespace
} // namespace troupe
