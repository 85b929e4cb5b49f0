#include "tests/unit/history/history_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <optional>

namespace {

using history::check_options;

TEST(HistoryChecker, AGoodRunIsGood) {
  history_folder folder;
  {
    played_copy a(folder, "a");
    played_copy b(folder, "b");
    for (std::uint64_t i = 1; i <= 10; ++i) {
      a.sent("b", i);
      b.received("a#1", i);
      a.answered("b", i);
    }
  }
  const auto found = folder.check();
  EXPECT_TRUE(found.good()) << found;
  EXPECT_EQ(found.sent, 10u);
  EXPECT_EQ(found.received, 10u);
  EXPECT_EQ(found.copies, 2u);
  EXPECT_EQ(found.channels, 1u);
}

TEST(HistoryChecker, SenderAndReceiverMayMoveInTheMiddle) {
  history_folder folder;
  auto a = std::make_unique<played_copy>(folder, "a", "first.process_0.admin");
  auto b = std::make_unique<played_copy>(folder, "b", "first.process_0.admin");
  a->sent("b", 1, 5);
  b->received("a#1", 1);
  b->received("a#1", 2);
  b = std::make_unique<played_copy>(folder, "b", "first.process_1.admin");
  b->received("a#1", 3);
  a = std::make_unique<played_copy>(folder, "a", "first.process_2.admin");
  a->sent("b", 6);
  for (std::uint64_t i = 4; i <= 6; ++i) {
    b->received("a#1", i);
  }
  const auto found = folder.check();
  EXPECT_TRUE(found.good()) << found;
  EXPECT_EQ(found.sent, 6u);
}

TEST(HistoryChecker, TheOldCopyMayEndAfterTheNewOneHasBegun) {
  history_folder folder;
  played_copy a(folder, "a");
  auto old = std::make_unique<played_copy>(folder, "b", "first.process_0.admin");
  a.sent("b", 1, 2);
  old->received("a#1", 1);
  played_copy fresh(folder, "b", "first.process_1.admin");
  fresh.received("a#1", 2);
  old.reset();
  EXPECT_TRUE(folder.check().good()) << folder.check();
}

TEST(HistoryChecker, FindsALostMessage) {
  history_folder folder;
  played_copy a(folder, "a");
  played_copy b(folder, "b");
  a.sent("b", 1, 3);
  b.received("a#1", 1);
  b.received("a#1", 3);
  const auto found = folder.check();
  EXPECT_ONLY(found, "lost", 1);
  EXPECT_NE(found.examples.front().find("a#1 -> b: number 2"), std::string::npos) << found;
  EXPECT_EQ(found.lost_unreported, 1u);
}

TEST(HistoryChecker, FindsLostMessagesThatNobodyEverGot) {
  history_folder folder;
  played_copy a(folder, "a");
  a.sent("b", 1, 3);
  EXPECT_ONLY(folder.check(), "lost", 3);
}

TEST(HistoryChecker, FindsADoubledMessage) {
  for (const bool in_another_copy : {false, true}) {
    history_folder folder;
    played_copy a(folder, "a");
    auto b = std::make_unique<played_copy>(folder, "b");
    a.sent("b", 1, 3);
    b->received("a#1", 1);
    b->received("a#1", 2);
    if (in_another_copy) {
      b = std::make_unique<played_copy>(folder, "b", "first.process_1.admin");
    }
    b->received("a#1", 2);
    b->received("a#1", 3);
    EXPECT_ONLY(folder.check(), "doubled", 1);
  }
}

TEST(HistoryChecker, FindsADoubledRunOfMessages) {
  history_folder folder;
  played_copy a(folder, "a");
  auto b = std::make_unique<played_copy>(folder, "b");
  a.sent("b", 1, 9);
  for (std::uint64_t i = 1; i <= 6; ++i) {
    b->received("a#1", i);
  }
  b = std::make_unique<played_copy>(folder, "b", "first.process_1.admin");
  for (std::uint64_t i = 3; i <= 9; ++i) {
    b->received("a#1", i);
  }
  EXPECT_ONLY(folder.check(), "doubled", 4);
}

TEST(HistoryChecker, FindsMessagesOutOfOrder) {
  for (const bool in_another_copy : {false, true}) {
    history_folder folder;
    played_copy a(folder, "a");
    auto b = std::make_unique<played_copy>(folder, "b");
    a.sent("b", 1, 4);
    b->received("a#1", 1);
    b->received("a#1", 3);
    if (in_another_copy) {
      b = std::make_unique<played_copy>(folder, "b", "first.process_1.admin");
    }
    b->received("a#1", 2);
    b->received("a#1", 4);
    EXPECT_ONLY(folder.check(), "reordered", 1);
  }
}

TEST(HistoryChecker, OrderIsPerPairOnly) {
  history_folder folder;
  played_copy a(folder, "a");
  played_copy b(folder, "b");
  played_copy c(folder, "c");
  a.sent("b", 1, 2);
  c.sent("b", 1, 2);
  b.received("c#1", 1);
  b.received("a#1", 1);
  b.received("a#1", 2);
  b.received("c#1", 2);
  EXPECT_TRUE(folder.check().good()) << folder.check();
}

TEST(HistoryChecker, FindsAMessageThatNobodySent) {
  history_folder folder;
  played_copy a(folder, "a");
  played_copy b(folder, "b");
  a.sent("b", 1);
  b.received("a#1", 1);
  b.received("a#1", 2);
  EXPECT_ONLY(folder.check(), "phantom", 1);
}

TEST(HistoryChecker, FindsAMessageThatCameToTheWrongActor) {
  history_folder folder;
  played_copy a(folder, "a");
  played_copy b(folder, "b");
  played_copy c(folder, "c");
  a.sent("b", 1);
  c.received("a#1", 1);
  const auto found = folder.check();
  EXPECT_EQ(found.count("phantom"), 1u) << found;
  EXPECT_EQ(found.count("lost"), 1u) << found;
}

TEST(HistoryChecker, ARefusedMessageMustNotCome) {
  history_folder folder;
  played_copy a(folder, "a");
  played_copy b(folder, "b");
  a.sent("b", 1, 3);
  a.refused("b", 3);
  b.received("a#1", 1);
  b.received("a#1", 2);
  EXPECT_TRUE(folder.check().good()) << folder.check();
  b.received("a#1", 3);
  EXPECT_ONLY(folder.check(), "phantom", 1);
}

TEST(HistoryChecker, FindsAnAnswerToAMessageThatNeverCame) {
  history_folder folder;
  played_copy a(folder, "a");
  played_copy b(folder, "b");
  a.sent("b", 1, 2);
  b.received("a#1", 1);
  a.answered("b", 2);
  const auto found = folder.check();
  EXPECT_EQ(found.count("false_answer"), 1u) << found;
}

TEST(HistoryChecker, FindsTwoCopiesAtOneTime) {
  history_folder folder;
  played_copy a(folder, "a");
  played_copy old(folder, "b", "first.process_0.admin");
  a.sent("b", 1, 2);
  played_copy fresh(folder, "b", "first.process_1.admin");
  fresh.received("a#1", 2);
  old.received("a#1", 1);
  EXPECT_ONLY(folder.check(), "two_copies", 1);
}

TEST(HistoryChecker, FindsASecondCopyThatOnlySends) {
  history_folder folder;
  played_copy b(folder, "b");
  played_copy old(folder, "a", "first.process_0.admin");
  played_copy fresh(folder, "a", "first.process_1.admin");
  old.sent("b", 1);
  b.received("a#1", 1);
  EXPECT_ONLY(folder.check(), "two_copies", 1);
}

TEST(HistoryChecker, FindsTheLongCopyThatOutlivesTwoOthers) {
  history_folder folder;
  played_copy x(folder, "x");
  x.sent("y", 1);
  played_copy y(folder, "y");
  y.received("x#1", 1);
  played_copy first(folder, "a");
  played_copy(folder, "a", "first.process_1.admin");
  played_copy(folder, "a", "first.process_2.admin");
  first.active();
  EXPECT_ONLY(folder.check(), "two_copies", 2);
}

TEST(HistoryChecker, FindsStateThatWentBackInTheSender) {
  history_folder folder;
  auto a = std::make_unique<played_copy>(folder, "a");
  played_copy b(folder, "b");
  a->sent("b", 1, 5);
  for (std::uint64_t i = 1; i <= 5; ++i) {
    b.received("a#1", i);
  }
  a = std::make_unique<played_copy>(folder, "a", "first.process_1.admin");
  a->sent("b", 5);
  EXPECT_ONLY(folder.check(), "sender_repeat", 1);
}

TEST(HistoryChecker, FindsStateThatWentAheadInTheSender) {
  history_folder folder;
  played_copy a(folder, "a");
  played_copy b(folder, "b");
  a.sent("b", 1, 2);
  a.sent("b", 4);
  for (const std::uint64_t i : {1, 2, 4}) {
    b.received("a#1", i);
  }
  EXPECT_ONLY(folder.check(), "sender_gap", 1);
}

TEST(HistoryChecker, AReportWithoutACrashIsAProblem) {
  history_folder folder;
  played_copy a(folder, "a");
  played_copy b(folder, "b");
  a.sent("b", 1, 2);
  b.received("a#1", 1);
  a.reported("b", 2);
  const auto found = folder.check();
  EXPECT_EQ(found.count("reported"), 1u) << found;
  EXPECT_EQ(found.count("lost"), 1u) << found;
}

TEST(HistoryChecker, AnEmptyHistoryProvesNothing) {
  history_folder folder;
  EXPECT_ONLY(folder.check(), "empty", 1);
  played_copy a(folder, "a");
  EXPECT_ONLY(folder.check(crashes), "empty", 1);
}

TEST(HistoryChecker, ATimeOutIsAProblemUnlessTheRunMayHaveThem) {
  history_folder folder;
  played_copy a(folder, "a");
  played_copy b(folder, "b");
  a.sent("b", 1, 2);
  b.received("a#1", 2);
  a.timed_out("b", 1);
  EXPECT_EQ(folder.check(crashes).count("timed_out"), 1u);
  EXPECT_TRUE(folder.check({.crashes = true, .timeouts = true}).good());
}

TEST(HistoryChecker, ATornFileIsAProblemUnlessItsProcessWasKilled) {
  history_folder folder;
  {
    played_copy a(folder, "a");
    a.sent("b", 1);
    die_in_a_child([&] {
      auto* b = new played_copy(folder, "b");
      b->received("a#1", 1);
    });
  }
  ASSERT_TRUE(folder.check(crashes).good()) << folder.check(crashes);
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    std::ofstream(entry.path(), std::ios::app) << "half a record";
  }
  EXPECT_ONLY(folder.check(), "torn", 2);
  EXPECT_ONLY(folder.check(crashes), "torn", 1); // the one that had ended
}

TEST(HistoryChecker, AFileThatIsNoHistoryIsAProblem) {
  history_folder folder;
  {
    played_copy a(folder, "a");
    played_copy b(folder, "b");
    a.sent("b", 1);
    b.received("a#1", 1);
  }
  std::ofstream(folder.path() + "/empty" + history::file_suffix).flush();
  EXPECT_TRUE(folder.check(crashes).good()) << "a process may be killed before it has written anything";
  EXPECT_ONLY(folder.check(), "torn", 1);
  std::ofstream(folder.path() + "/other" + history::file_suffix) << "this is no history at all";
  EXPECT_ONLY(folder.check(crashes), "torn", 1);
}

TEST(HistoryWriter, SaysNothingUntilItIsOpenedAndNothingAfterItsEnd) {
  history_folder folder;
  history::writer quiet;
  quiet.sent("b", 1);
  EXPECT_FALSE(quiet.is_open());
  played_copy a(folder, "a");
  a.ended();
  a.received("b#1", 7);
  const auto all = history::read_folder(folder.path());
  ASSERT_EQ(all.size(), 1u);
  EXPECT_TRUE(all.front().ended);
  EXPECT_TRUE(all.front().in.empty());
}

TEST(HistoryWriter, ThrowsIfItCannotWrite) {
  history::writer writer;
  EXPECT_THROW(writer.open("/nowhere/at/all", "a", "n"), std::exception);
}

} // namespace
