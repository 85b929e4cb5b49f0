// What tests/unit/move does in seconds, for minutes and in larger worlds. Each test stops after its time.
#include "tests/unit/move/model/explorer.hpp"

#include <gtest/gtest.h>

#include <iostream>

using namespace troupe::move_model;

namespace {

constexpr id d = 3;
constexpr std::chrono::seconds time_of_each{100};

void expect_clean(const scenario& what) {
  const auto found = explore(what, {.states = 8'000'000, .time = time_of_each});
  std::cout << found.to_text() << "\n";
  EXPECT_EQ(found.problem, "");
  EXPECT_GE(found.states, 500'000u);
}

void expect_clean_walks(const scenario& what, std::uint64_t seed) {
  const auto found = walk(what, seed, 100'000'000, time_of_each);
  std::cout << found.to_text() << "\n";
  EXPECT_EQ(found.problem, "");
  EXPECT_GE(found.ends, 10'000u);
}

} // namespace

TEST(MoveSoak, RoundAboutThreeNodes) {
  expect_clean({.nodes = 3, .homes = {a, a, c}, .ticks = {0, 1, 1}, .plans = {{0, {b, c, a}}}});
}

TEST(MoveSoak, ASenderMovesToo) {
  expect_clean({.nodes = 3, .homes = {a, a, c}, .ticks = {0, 1, 1}, .plans = {{0, {b, c}}, {1, {c}}}});
}

TEST(MoveSoak, ThereBackAndThereWithThreeSenders) {
  expect_clean({.nodes = 3, .homes = {a, a, b, c}, .ticks = {0, 2, 2, 2}, .plans = {{0, {b, a, b}}}});
}

TEST(MoveSoak, ANodeDies) {
  expect_clean({.nodes = 3, .homes = {a, a, c}, .ticks = {0, 2, 2}, .plans = {{0, {b, c}}}, .deaths = 1});
}

TEST(MoveSoak, ManyMovesAtRandom) {
  expect_clean_walks({.nodes = 4, .homes = {a, a, b, c, d}, .ticks = {0, 6, 6, 6, 6},
                      .plans = {{0, {b, a, c, d, b}}, {2, {c, d, a}}}, .refusals = true, .impatience = 2,
                      .mover_queues = true, .late_markers = true},
                     1);
}

TEST(MoveSoak, ManyMovesAtRandomAndANodeDies) {
  expect_clean_walks({.nodes = 4, .homes = {a, a, b, c, d}, .ticks = {0, 6, 6, 6, 6}, .plans = {{0, {b, a, c, d, b}}},
                      .deaths = 1, .mover_queues = true, .late_markers = true},
                     1'000'000);
}
