#include "runtime/node/route_table.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

held_message numbered(std::uint64_t number, std::string from = {}) {
  message_fields fields;
  fields.command = "tick";
  fields.number = number;
  return {std::make_shared<const message>(std::move(fields)), lane::ordinary, std::move(from)};
}

class RouteTable : public testing::Test {
protected:
  route_table routes;
  std::vector<std::string> used;

  std::function<void(const std::string&, held_message&)> use() {
    return [this](const std::string& node, held_message& held) {
      used.push_back(node + ":" + std::to_string(held.what->number()));
    };
  }
  route_table::found pass(std::uint64_t number, bool fresh = false) {
    return routes.pass("greeter", numbered(number), fresh, use());
  }
};

using found = route_table::found;
using words = std::vector<std::string>;

} // namespace

TEST_F(RouteTable, TheFirstMessageAsksAndTheOthersWait) {
  EXPECT_EQ(pass(1), found::asking);
  EXPECT_EQ(pass(2), found::waiting);
  EXPECT_EQ(pass(3), found::waiting);
  EXPECT_EQ(used, words{});
}

TEST_F(RouteTable, HeldMessagesGoInOrderAndBeforeLaterOnes) {
  pass(1);
  pass(2);
  routes.settle("greeter", "n1", use());
  EXPECT_EQ(pass(3), found::known);
  EXPECT_EQ(used, (words{"n1:1", "n1:2", "n1:3"}));
}

TEST_F(RouteTable, ANameThatIsAbsentGivesTheMessagesBackAndIsNotRemembered) {
  pass(1);
  routes.settle("greeter", "", use());
  EXPECT_EQ(used, words{":1"});
  EXPECT_EQ(routes.size(), 0u);
  EXPECT_EQ(pass(2), found::asking);
}

TEST_F(RouteTable, AnAnswerNobodyWaitsForChangesNothing) {
  routes.settle("greeter", "n1", use());
  EXPECT_EQ(routes.size(), 0u);
}

TEST_F(RouteTable, AFreshQuestionDoesNotTrustAKnownRoute) {
  pass(1);
  routes.settle("greeter", "n1", use());
  EXPECT_EQ(pass(2, true), found::asking);
  EXPECT_EQ(pass(3), found::waiting);
  routes.settle("greeter", "n2", use());
  EXPECT_EQ(used, (words{"n1:1", "n2:2", "n2:3"}));
}

TEST_F(RouteTable, ForgetsARouteOnlyIfItLeadsToThatNode) {
  pass(1);
  routes.settle("greeter", "n1", use());
  routes.forget("greeter", "n2");
  EXPECT_EQ(pass(2), found::known);
  routes.forget("greeter", "n1");
  EXPECT_EQ(pass(3), found::asking);
}

TEST_F(RouteTable, ForgettingKeepsWhatWaits) {
  pass(1);
  routes.forget("greeter", "");
  routes.forget_node("n1");
  routes.settle("greeter", "n1", use());
  EXPECT_EQ(used, words{"n1:1"});
}

TEST_F(RouteTable, ADeadNodesRoutesAreForgottenAndNoOthers) {
  for (const auto* name : {"a", "b", "c"}) {
    routes.pass(name, numbered(1), false, use());
    routes.settle(name, *name == 'b' ? "n2" : "n1", use());
  }
  routes.forget_node("n1");
  EXPECT_EQ(routes.size(), 1u);
  EXPECT_EQ(routes.pass("b", numbered(2), false, use()), found::known);
}

TEST_F(RouteTable, HoldsABoundedNumberOfMessagesForOneName) {
  auto last = pass(0);
  std::uint64_t held = 1;
  while ((last = pass(held)) == found::waiting && held < 20'000) {
    ++held;
  }
  EXPECT_EQ(last, found::full);
  EXPECT_EQ(held, 10'000u);
  routes.settle("greeter", "n1", use());
  EXPECT_EQ(used.size(), held);
}
