#include "actors/head/settle_list.hpp"

#include <gtest/gtest.h>

#include <vector>

using namespace troupe;

namespace {

class SettleList : public testing::Test {
protected:
  std::uint64_t wait(const std::string& node, bool admin = false) {
    return list.wait(node, admin, [this](const std::string& why_not) { told.push_back(why_not); });
  }

  settle_list list;
  std::vector<std::string> told;
};

using texts = std::vector<std::string>;

} // namespace

TEST_F(SettleList, WhoAsksForASettledNodeHearsSoAtOnce) {
  EXPECT_EQ(wait("n1"), 0u);
  EXPECT_EQ(told, texts{""});
}

TEST_F(SettleList, WhoAsksMeanwhileWaitsUntilTheNodeIsThere) {
  list.unsettle("n1", "it died");
  EXPECT_NE(wait("n1"), 0u);
  EXPECT_NE(wait("n1", true), 0u);
  EXPECT_EQ(told, texts{});
  list.admin_is_up("n1");
  EXPECT_EQ(told, texts{""}) << "the admin is there, its actors are not";
  EXPECT_TRUE(list.is_settled("n1", true));
  EXPECT_FALSE(list.is_settled("n1"));
  list.settle("n1");
  EXPECT_EQ(told, (texts{"", ""}));
  EXPECT_TRUE(list.is_settled("n1"));
}

TEST_F(SettleList, OneThatWaitsTooLongHearsWhy) {
  list.unsettle("n1", "it died");
  const auto first = wait("n1");
  (void)wait("n1");
  list.time_out(first);
  EXPECT_EQ(told, texts{"it died"});
  list.time_out(first);
  EXPECT_EQ(told.size(), 1u);
  list.settle("n1");
  EXPECT_EQ(told, (texts{"it died", ""}));
}

TEST_F(SettleList, WithoutHopeNobodyWaits) {
  list.unsettle("n1", "it died");
  (void)wait("n1");
  list.give_up("n1", "quarantine");
  (void)wait("n1", true);
  EXPECT_EQ(told, (texts{"quarantine", "quarantine"}));
  list.unsettle("n1", "resumed");
  EXPECT_NE(wait("n1"), 0u);
}

TEST_F(SettleList, ADeathOnTheWayLetsThemWaitOn) {
  list.unsettle("n1", "it died");
  (void)wait("n1");
  list.admin_is_up("n1");
  list.unsettle("n1", "it died again");
  EXPECT_FALSE(list.is_settled("n1", true));
  EXPECT_EQ(told, texts{});
  list.settle("n1");
  EXPECT_EQ(told, texts{""});
}

TEST_F(SettleList, WhoIsToldMayAskAgain) {
  list.unsettle("n1", "it died");
  list.wait("n1", false, [this](const std::string&) { wait("n1"); });
  list.settle("n1");
  EXPECT_EQ(told, texts{""});
}
