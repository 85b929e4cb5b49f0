// The move protocol in every order of its steps: real route tables, move sources and directory in a model of nodes and
// links. What may happen at once on different threads of a node is a step of its own.
#include "tests/unit/move/model/explorer.hpp"

#include <gtest/gtest.h>

#include <iostream>

using namespace troupe::move_model;

namespace {

constexpr id a = 0;
constexpr id b = 1;
constexpr id c = 2;

void expect_clean(const scenario& what, std::size_t least, const bounds& within = {}) {
  const auto found = explore(what, within);
  std::cout << found.to_text() << "\n";
  EXPECT_EQ(found.problem, "");
  EXPECT_TRUE(found.complete);
  EXPECT_GE(found.states, least);
  EXPECT_GE(found.ends, 1u);
}

} // namespace

TEST(MoveInEveryOrder, ThereAndBack) {
  expect_clean({.nodes = 2, .homes = {a, a, b}, .ticks = {0, 1, 1}, .plans = {{0, {b, a}}}}, 100);
}
