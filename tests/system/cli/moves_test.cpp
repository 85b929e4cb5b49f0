#include "tests/system/cli/cli_program.hpp"
#include "tests/system/cli/fake_system.hpp"

#include <gtest/gtest.h>

namespace {

using cli_test::fake_system;
using cli_test::json;
using cli_test::run_cli;

class CliMoves : public testing::Test {
protected:
  cli_test::ended_program troupe(std::vector<std::string> words) {
    words.insert(words.begin(), {"--state-dir", system.state_dir()});
    return run_cli(std::move(words));
  }
  json sent_message() {
    const auto request = system.gateway().wait_for("POST /api/v1/messages");
    return request ? json::parse(request->body) : json{};
  }
  void answer(const std::string& command, const json& body) {
    system.answer("POST /api/v1/messages", 200, {{"mid", "king.first.main.1"}, {"command", command}, {"body", body}});
  }
  fake_system system;
};

TEST_F(CliMoves, AnActorIsMovedAndItsPlaceIsPrinted) {
  answer("actor_is_recreated", {{"mid", "m"}, {"entity", "dancer"}, {"node", "first.process_0.admin"}});
  const auto got = troupe({"move", "dancer", "--to", "first.process_0.admin"});
  EXPECT_EQ(got.code, 0) << got.err;
  EXPECT_EQ(got.out, "dancer is at first.process_0.admin now\n");
  EXPECT_EQ(got.err, "");
  const auto message = sent_message();
  EXPECT_EQ(message["command"], "recreate_actor");
  EXPECT_EQ(message["recipient"], nullptr);
  EXPECT_EQ(message["body"], json({{"entity", "dancer"}, {"node", "first.process_0.admin"}}));
  EXPECT_EQ(message["timeout"], 15);
}

TEST_F(CliMoves, AMovedActorWhoseHookFailedIsMovedAllTheSame) {
  answer("actor_is_recreated", {{"entity", "dancer"}, {"node", "first.x.admin"}, {"reason", "no stage here"}});
  const auto got = troupe({"move", "dancer", "--to", "first.x.admin"});
  EXPECT_EQ(got.code, 0);
  EXPECT_NE(got.err.find("no stage here"), std::string::npos) << got.err;
}

TEST_F(CliMoves, AnActorThatStaysEndsWithOneAndTheReason) {
  answer("actor_is_not_recreated", {{"mid", "m"}, {"reason", "its run goes on"}, {"node", "first.main.admin"}});
  const auto got = troupe({"move", "dancer", "--to", "first.process_0.admin"});
  EXPECT_EQ(got.code, 1);
  EXPECT_EQ(got.out, "");
  EXPECT_EQ(got.err, "troupe: actor_is_not_recreated: its run goes on\n");
  const auto as_json = troupe({"move", "dancer", "--to", "first.process_0.admin", "--json"});
  EXPECT_EQ(as_json.code, 1);
  EXPECT_EQ(json::parse(as_json.out)["body"]["reason"], "its run goes on");
}

TEST_F(CliMoves, AMoveWhoseOutcomeIsNotKnownIsAFailure) {
  answer("undecided", {{"mid", "m"}, {"reason", "the owner has not answered in time"}});
  const auto got = troupe({"move", "dancer", "--to", "first.process_0.admin"});
  EXPECT_EQ(got.code, 1);
  EXPECT_NE(got.err.find("the owner has not answered"), std::string::npos) << got.err;
}

TEST_F(CliMoves, AProcessIsDrainedToTheNamedNodes) {
  answer("process_is_drained", {{"node", "first.process_0.admin"}, {"moved", 12}, {"not_moved", json::array()}});
  const auto got =
    troupe({"processes", "drain", "first.process_0.admin", "--to", "first.main.admin", "first.process_1.admin"});
  EXPECT_EQ(got.code, 0) << got.err;
  EXPECT_EQ(got.out, "12 actors are moved from first.process_0.admin\n");
  EXPECT_EQ(got.err, "") << "no progress is shown where nobody looks";
  const auto message = sent_message();
  EXPECT_EQ(message["command"], "drain_process");
  EXPECT_EQ(message["recipient"], json({{"node", "first.process_0.admin"}, {"entity", nullptr}}));
  EXPECT_EQ(message["body"]["to"], json({"first.main.admin", "first.process_1.admin"}));
}

TEST_F(CliMoves, WhatCannotLeaveIsATableAndEndsWithOne) {
  const json stays{{{"name", "task_t1"}, {"reason", "its run goes on"}}, {{"name", "x"}, {"reason", "no\nclass"}}};
  answer("process_is_drained", {{"node", "first.process_0.admin"}, {"moved", 3}, {"not_moved", stays}});
  const auto got = troupe({"processes", "drain", "first.process_0.admin"});
  EXPECT_EQ(got.code, 1);
  EXPECT_EQ(got.out, "3 actors are moved from first.process_0.admin\n"
                     "STAYS    WHY\n"
                     "task_t1  its run goes on\n"
                     "x        no\\x0aclass\n");
  EXPECT_FALSE(sent_message()["body"].contains("to"));
  const auto as_json = troupe({"--json", "processes", "drain", "first.process_0.admin"});
  EXPECT_EQ(as_json.code, 1);
  EXPECT_EQ(json::parse(as_json.out)["body"]["not_moved"], stays);
}

TEST_F(CliMoves, ADrainThatIsRefusedEndsWithOneAndTheReason) {
  answer("process_is_not_drained", {{"reason", "there is no other process to move to"}});
  const auto got = troupe({"processes", "drain", "first.main.admin"});
  EXPECT_EQ(got.code, 1);
  EXPECT_EQ(got.out, "");
  EXPECT_EQ(got.err, "troupe: process_is_not_drained: there is no other process to move to\n");
}

TEST_F(CliMoves, ADrainThatTakesLongerThanTheWaitingSaysHowToLookAfterIt) {
  answer("timer", {{"mid", "m"}});
  const auto got = troupe({"processes", "drain", "first.process_0.admin", "--timeout", "2"});
  EXPECT_EQ(got.code, 1);
  EXPECT_NE(got.err.find("troupe ask first.process_0.admin get_drain"), std::string::npos) << got.err;
  EXPECT_EQ(sent_message()["timeout"], 2);
}

TEST_F(CliMoves, AProcessThatIsNotThereIsExplained) {
  answer("actor_is_not_found", {{"mid", "m"}, {"entity", nullptr}});
  const auto got = troupe({"processes", "drain", "first.nothing.admin"});
  EXPECT_EQ(got.code, 1);
  EXPECT_NE(got.err.find("troupe processes"), std::string::npos) << got.err;
}

TEST_F(CliMoves, WithoutATargetOrANodeTheArgumentsAreWrong) {
  EXPECT_EQ(troupe({"move", "dancer"}).code, 2);
  EXPECT_EQ(troupe({"move", "--to", "first.main.admin"}).code, 2);
  EXPECT_EQ(troupe({"processes", "drain"}).code, 2);
}

} // namespace
