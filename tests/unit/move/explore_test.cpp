// The move protocol in every order of its steps: real route tables, move sources and directory in a model of nodes and
// links. What may happen at once on different threads of a node is a step of its own. Larger worlds: tests/unit/move_soak.
#include "tests/unit/move/model/explorer.hpp"

#include <gtest/gtest.h>

#include <iostream>

using namespace troupe::move_model;

namespace {

/// All of it, and at least so many states: a world in which nothing can happen proves nothing.
void expect_clean(const scenario& what, std::size_t least) {
  const auto found = explore(what, {});
  std::cout << found.to_text() << "\n";
  EXPECT_EQ(found.problem, "");
  EXPECT_TRUE(found.complete);
  EXPECT_GE(found.states, least);
  EXPECT_GE(found.ends, 1u);
}

void expect_clean_walks(const scenario& what, std::size_t least) {
  const auto found = walk(what, 1, 1'000'000, std::chrono::seconds{3});
  std::cout << found.to_text() << "\n";
  EXPECT_EQ(found.problem, "");
  EXPECT_GE(found.ends, least);
}

} // namespace

TEST(MoveInEveryOrder, ThereAndBackWithASenderOnEachNode) {
  expect_clean({.nodes = 2, .homes = {a, a, b}, .ticks = {0, 1, 1}, .plans = {{0, {b, a}}}}, 40'000);
}

TEST(MoveInEveryOrder, ThereAndBackWithTwoMessagesFromTheTarget) {
  expect_clean({.nodes = 2, .homes = {a, b}, .ticks = {0, 2}, .plans = {{0, {b, a}}}}, 20'000);
}

TEST(MoveInEveryOrder, ThereBackAndThereWithTwoMessagesFromTheSource) {
  expect_clean({.nodes = 2, .homes = {a, a}, .ticks = {0, 2}, .plans = {{0, {b, a, b}}}}, 30'000);
}

TEST(MoveInEveryOrder, ThereAndBackWithMoversThatAreSlowerThanLinks) {
  expect_clean({.nodes = 2, .homes = {a, b}, .ticks = {0, 1}, .plans = {{0, {b, a}}}, .mover_queues = true}, 100'000);
}

TEST(MoveInEveryOrder, ANodeDiesAtAnyPointOfAMove) {
  expect_clean({.nodes = 3, .homes = {a, a, c}, .ticks = {0, 1, 1}, .plans = {{0, {b}}}, .deaths = 1}, 100'000);
}

TEST(MoveInRandomOrder, ThreeSendersOneOfWhichMovesAndMovesThatFail) {
  expect_clean_walks({.nodes = 3, .homes = {a, a, c, b}, .ticks = {0, 2, 2, 2}, .plans = {{0, {b, a, c}}, {3, {c}}},
                      .refusals = true},
                     500);
}

TEST(MoveInRandomOrder, FourNodesWithSlowMoversLateMarkersAndMovesThatRunOutOfTime) {
  expect_clean_walks({.nodes = 4, .homes = {a, a, c, 3}, .ticks = {0, 2, 2, 2}, .plans = {{0, {b, c, a}}}, .refusals = true,
                      .impatience = 1, .mover_queues = true, .late_markers = true},
                     500);
}

TEST(MoveInRandomOrder, ANodeDiesWhileAnActorMovesTwice) {
  expect_clean_walks({.nodes = 3, .homes = {a, a, c}, .ticks = {0, 2, 2}, .plans = {{0, {b, c}}}, .deaths = 1}, 500);
}
