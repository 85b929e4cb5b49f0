#include "nodes/troupe/answer_words.hpp"
#include "nodes/troupe/run_end.hpp"
#include "nodes/troupe/stdin_pump.hpp"
#include "nodes/troupe/table.hpp"
#include "nodes/troupe/typed_value.hpp"

#include <gtest/gtest.h>

namespace {

using namespace troupe::cli;
using troupe::json;

TEST(AnswerWords, FailuresAreKnownByTheirWords) {
  for (const auto* word : {"timer", "is_not_handled", "bad_request", "actor_has_failed", "actor_is_not_found",
                           "actor_is_not_created", "actors_are_not_created", "process_is_not_removed", "mailbox_full",
                           "access_denied", "undecided", "actor_is_absent", "is_not_authenticated", "task_is_rejected",
                           "package_is_not_delivered", "system_is_not_registered"}) {
    EXPECT_TRUE(is_failure_answer(word)) << word;
  }
  for (const auto* word : {"actor_is_created", "actors_are_created", "params", "params_are_set", "is_quiting",
                           "members", "hello_world", "set", "task_state", "notification"}) {
    EXPECT_FALSE(is_failure_answer(word)) << word;
  }
}

TEST(TypedValue, IsReadAsTheConsoleReadsIt) {
  EXPECT_EQ(*typed_value(""), json(nullptr));
  EXPECT_EQ(*typed_value("null"), json(nullptr));
  EXPECT_EQ(*typed_value("first.main.admin"), json("first.main.admin"));
  EXPECT_EQ(*typed_value(R"({"node": "n", "entity": null})"), (json{{"node", "n"}, {"entity", nullptr}}));
  EXPECT_EQ(*typed_value("[1,"), json("[1,"));
  EXPECT_EQ(*typed_value("\"quoted\""), json("quoted"));
  EXPECT_EQ(typed_value("\xff").error().code, exit_usage);
}

TEST(TypedValue, WholeSecondsStayWhole) {
  EXPECT_EQ(seconds_value(5).dump(), "5");
  EXPECT_EQ(seconds_value(-1).dump(), "-1");
  EXPECT_EQ(seconds_value(0.5).dump(), "0.5");
}

TEST(Printable, ControlCharactersCannotSteerTheTerminal) {
  EXPECT_EQ(printable("a\033[31mb\x7f\n"), "a\\x1b[31mb\\x7f\\x0a");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\x9b31m");
  EXPECT_EQ(printable("\u043f\u0440\u0438\u0432\u0435\u0442"), "\u043f\u0440\u0438\u0432\u0435\u0442");
}

TEST(Table, ColumnsAreAlignedByCharactersWithoutBlanksAtTheEnd) {
  table rows({"NAME", "NODE", "N"});
  rows.add({"\u0430\u043a\u0442\u043e\u0440", "x", "1"});
  rows.add({"b", "first.main.admin"});
  EXPECT_EQ(rows.text(false), "NAME   NODE              N\n"
                              "\u0430\u043a\u0442\u043e\u0440  x                 1\n"
                              "b      first.main.admin\n");
  EXPECT_TRUE(rows.text(true).starts_with("\033[1mNAME"));
}

TEST(RunEnd, AScriptsOwnCodeIsPassedOnWithoutAWord) {
  EXPECT_EQ(judge_end({{"state", "succeeded"}, {"exit_code", 0}}).exit_code, 0);
  const auto failed = judge_end({{"state", "failed"}, {"exit_code", 7}, {"reason", "exit code 7"}});
  EXPECT_EQ(failed.exit_code, 7);
  EXPECT_EQ(failed.reason, "");
}

TEST(RunEnd, AnInterruptedRunEndsLikeAnInterruptedProgram) {
  const json cancelled{{"state", "cancelled"}, {"exit_code", 0}, {"signal", nullptr}};
  EXPECT_EQ(judge_end(cancelled, 2).exit_code, 130);
  EXPECT_EQ(judge_end(cancelled).exit_code, 143);
  EXPECT_EQ(judge_end({{"state", "cancelled"}, {"exit_code", 3}}).exit_code, 3);
}

TEST(RunEnd, TheSystemsReasonIsTold) {
  EXPECT_EQ(judge_end({{"state", "timed_out"}, {"reason", "longer than 2 s"}}).reason, "longer than 2 s");
  EXPECT_EQ(judge_end({{"state", "signalled"}, {"signal", 11}}).reason, "the script was ended by signal 11 (SIGSEGV)");
}

TEST(RunEnd, AStateOfAnotherShapeIsAFailure) {
  for (const auto& state : {json(nullptr), json::object(), json{{"state", 5}}, json{{"state", "new_word"}}}) {
    EXPECT_EQ(judge_end(state).exit_code, 1) << state;
    EXPECT_FALSE(judge_end(state).reason.empty()) << state;
  }
}

TEST(RunEnd, TheThirdInterruptLeaves) {
  EXPECT_EQ(step_of_interrupt(1), interrupt_step::cancel);
  EXPECT_EQ(step_of_interrupt(2), interrupt_step::kill);
  EXPECT_EQ(step_of_interrupt(3), interrupt_step::leave);
  EXPECT_EQ(step_of_interrupt(9), interrupt_step::leave);
}

TEST(StdinPump, AnswersSayWhatHappensToThePiece) {
  const auto refused = [](int status) { return attempt<>(std::unexpected(cli_error{1, "x", status})); };
  EXPECT_EQ(stdin_pump::judge({}), stdin_pump::delivery::done);
  EXPECT_EQ(stdin_pump::judge(refused(504)), stdin_pump::delivery::done) << "it waits at the task, and is not lost";
  EXPECT_EQ(stdin_pump::judge(refused(429)), stdin_pump::delivery::again);
  EXPECT_EQ(stdin_pump::judge(refused(409)), stdin_pump::delivery::over);
  EXPECT_EQ(stdin_pump::judge(refused(0)), stdin_pump::delivery::over);
  EXPECT_EQ(stdin_pump::judge(refused(500)), stdin_pump::delivery::refused);
}

} // namespace
