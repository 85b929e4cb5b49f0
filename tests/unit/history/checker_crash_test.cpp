// What the checker forgives in runs in which processes died, and what it does not.
#include "tests/unit/history/history_folder.hpp"

#include <gtest/gtest.h>

namespace {

using history::check_options;

TEST(HistoryCheckerWithCrashes, WhatWasReportedMayBeLost) {
  history_folder folder;
  played_copy a(folder, "a");
  played_copy b(folder, "b");
  a.sent("b", 1, 4);
  b.received("a#1", 1);
  a.reported("b", 2);
  b.received("a#1", 3);
  b.received("a#1", 4);
  const auto found = folder.check(crashes);
  EXPECT_TRUE(found.good()) << found;
  EXPECT_EQ(found.lost, 1u);
  EXPECT_EQ(found.lost_unreported, 0u);
}

TEST(HistoryCheckerWithCrashes, AReportedMessageMayHaveCome) {
  // It was handled, and the process died before the answer left it.
  history_folder folder;
  played_copy a(folder, "a");
  played_copy b(folder, "b");
  a.sent("b", 1);
  b.received("a#1", 1);
  a.reported("b", 1);
  EXPECT_TRUE(folder.check(crashes).good()) << folder.check(crashes);
}

TEST(HistoryCheckerWithCrashes, FindsALossThatNobodyWasTold) {
  history_folder folder;
  played_copy a(folder, "a");
  played_copy b(folder, "b", "first.process_0.admin");
  a.sent("b", 1, 4);
  a.reported("b", 2);
  b.received("a#1", 1);
  b.received("a#1", 4);
  EXPECT_ONLY(folder.check(crashes), "lost", 1);
  EXPECT_TRUE(folder.check({.crashes = true, .counted_losses = 1}).good());
}

TEST(HistoryCheckerWithCrashes, LossesAreForgivenUpToWhatWasInDoubtForTheirReceiver) {
  history_folder folder;
  played_copy a(folder, "a");
  played_copy b(folder, "b", "first.process_0.admin");
  a.sent("b", 1, 4);
  b.received("a#1", 1);
  b.received("a#1", 4);
  EXPECT_TRUE(folder.check({.crashes = true, .in_doubt = {{"b", 2}}}).good());
  EXPECT_ONLY(folder.check({.crashes = true, .in_doubt = {{"b", 1}}}), "lost", 1);
  EXPECT_ONLY(folder.check({.crashes = true, .in_doubt = {{"c", 9}}}), "lost", 2);
}

TEST(HistoryCheckerWithCrashes, AProcessTakesAlongTheLastThatWasSentInItAlsoOfActorsThatLeftIt) {
  history_folder folder;
  played_copy dead(folder, "x", "first.process_0.admin"); // its process dies
  { played_copy(folder, "a", "first.process_0.admin").sent("b", 1, 4); }
  played_copy a(folder, "a", "first.main.admin", "a#1");
  a.sent("b", 5, 2);
  {
    played_copy b(folder, "b", "first.process_1.admin");
    b.received("a#1", 1);
    b.received("a#1", 2);
    b.received("a#1", 5);
    b.received("a#1", 6);
  }
  a.ended();
  const auto found = folder.check(crashes);
  EXPECT_TRUE(found.good()) << found;
  EXPECT_EQ(found.lost_with_sender, 2u);
}

TEST(HistoryCheckerWithCrashes, TheLastMessagesOfASenderThatDiedMayBeLost) {
  history_folder folder;
  die_in_a_child([&] {
    auto* a = new played_copy(folder, "a");
    a->sent("b", 1, 5);
  });
  played_copy b(folder, "b");
  b.received("a#1", 1);
  b.received("a#1", 2);
  const auto found = folder.check(crashes);
  EXPECT_TRUE(found.good()) << found;
  EXPECT_EQ(found.lost_with_sender, 3u);
  EXPECT_EQ(folder.check().count("lost"), 3u) << "not in a run without crashes";
}

TEST(HistoryCheckerWithCrashes, NotTheOnesBeforeTheLast) {
  history_folder folder;
  die_in_a_child([&] {
    auto* a = new played_copy(folder, "a");
    a->sent("b", 1, 5);
  });
  played_copy b(folder, "b");
  b.received("a#1", 1);
  b.received("a#1", 3);
  const auto found = folder.check(crashes);
  EXPECT_ONLY(found, "lost", 1);
  EXPECT_EQ(found.lost_with_sender, 2u);
}

TEST(HistoryCheckerWithCrashes, NotIfTheSenderEndedInOrder) {
  history_folder folder;
  { played_copy(folder, "a").sent("b", 1, 5); }
  played_copy b(folder, "b", "first.process_0.admin");
  b.received("a#1", 1);
  EXPECT_ONLY(folder.check(crashes), "lost", 4);
}

TEST(HistoryCheckerWithCrashes, NothingIsLostToAKill) {
  history_folder folder;
  die_in_a_child([&] {
    auto* b = new played_copy(folder, "b");
    for (std::uint64_t i = 1; i <= 1000; ++i) {
      b->received("a#1", i);
    }
  });
  played_copy a(folder, "a");
  a.sent("b", 1, 1000);
  EXPECT_TRUE(folder.check(crashes).good()) << folder.check(crashes);
}

TEST(HistoryCheckerWithCrashes, DoublesOrderAndCopiesAreStillFound) {
  history_folder folder;
  played_copy a(folder, "a");
  played_copy old(folder, "b", "first.process_0.admin");
  a.sent("b", 1, 4);
  old.received("a#1", 1);
  played_copy fresh(folder, "b", "first.process_1.admin");
  fresh.received("a#1", 1);
  fresh.received("a#1", 3);
  old.active();
  fresh.received("a#1", 2);
  fresh.received("a#1", 4);
  const auto found = folder.check(crashes);
  EXPECT_EQ(found.count("two_copies"), 1u) << found;
  EXPECT_EQ(found.count("doubled"), 1u) << found;
  EXPECT_GE(found.count("reordered"), 1u) << found;
}

} // namespace
