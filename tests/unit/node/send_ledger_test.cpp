#include "runtime/node/intake.hpp"
#include "runtime/node/send_ledger.hpp"

#include <gtest/gtest.h>

namespace {

using namespace troupe;
using counts = std::map<std::string, std::uint64_t>;

TEST(SendLedger, HoldsWhatIsNotKnownToBeWorkedOff) {
  send_ledger ledger;
  for (int i = 0; i < 3; ++i) {
    ledger.note("a");
  }
  const auto first = ledger.cut();
  ASSERT_EQ(first, 3u);
  ledger.note("b");
  ledger.note("a");
  const auto second = ledger.cut();
  ASSERT_EQ(second, 5u);
  ledger.note("c");
  EXPECT_EQ(ledger.in_doubt(), (counts{{"a", 4}, {"b", 1}, {"c", 1}}));
  ledger.worked_off(*second);
  EXPECT_EQ(ledger.in_doubt(), (counts{{"a", 3}, {"c", 1}}));
  ledger.worked_off(*first);
  ledger.worked_off(*first);
  ledger.worked_off(77);
  EXPECT_EQ(ledger.in_doubt(), (counts{{"c", 1}}));
  EXPECT_FALSE(ledger.is_clear());
}

TEST(SendLedger, HasNoMarkForNothing) {
  send_ledger ledger;
  EXPECT_TRUE(ledger.is_clear());
  EXPECT_EQ(ledger.cut(), std::nullopt);
  ledger.note("a");
  EXPECT_TRUE(ledger.cut());
  EXPECT_EQ(ledger.cut(), std::nullopt);
}

TEST(SendLedger, AnOrderlyEndSettlesWhatHadArrived) {
  send_ledger ledger;
  ledger.note("a");
  ledger.cut();
  ledger.note("b");
  ledger.all_worked_off(1);
  EXPECT_EQ(ledger.in_doubt(), (counts{{"b", 1}})) << "it was still on its way";
  ledger.all_worked_off(2);
  EXPECT_TRUE(ledger.is_clear());
}

TEST(SendLedger, OpensNoMoreThanSoManyBatchesAndForgetsNothing) {
  send_ledger ledger;
  std::uint64_t cuts = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    if (ledger.note("a") && ledger.cut()) {
      ++cuts;
    }
  }
  EXPECT_EQ(cuts, 1024u);
  EXPECT_EQ(ledger.in_doubt(), (counts{{"a", 1'000'000}}));
  ledger.worked_off(128);
  EXPECT_EQ(ledger.cut(), 1'000'000u);
}

TEST(Intake, ABatchIsDoneWhenItsLastMessageIsGone) {
  intake taken("king.first.main");
  auto one = taken.origin();
  EXPECT_EQ(*one, "king.first.main");
  auto other = taken.origin();
  taken.cut(2);
  EXPECT_EQ(taken.open(), 1u);
  one.reset();
  EXPECT_TRUE(taken.take_done().empty());
  auto next = taken.origin();
  other.reset();
  EXPECT_EQ(taken.take_done(), std::vector<std::uint64_t>{2});
  EXPECT_EQ(taken.open(), 0u);
  taken.cut(3);
  EXPECT_TRUE(taken.take_done().empty());
}

TEST(Intake, ABatchThatIsGoneAlreadyIsDoneAtItsMark) {
  intake taken("x");
  taken.origin();
  taken.cut(5);
  EXPECT_EQ(taken.take_done(), std::vector<std::uint64_t>{5});
}

TEST(Intake, MessagesMayOutliveTheLink) {
  std::shared_ptr<const std::string> kept;
  {
    intake taken("x");
    kept = taken.origin();
    taken.cut(1);
  }
  EXPECT_EQ(*kept, "x");
}

} // namespace
