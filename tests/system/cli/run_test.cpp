#include "tests/system/cli/cli_program.hpp"
#include "tests/system/cli/fake_system.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace {

using cli_test::cli_program;
using cli_test::fake_system;
using cli_test::json;

class CliRun : public testing::Test {
protected:
  void SetUp() override { script = system.folder().write("hello.py", "print('hello')\n").string(); }

  cli_program::options options(std::vector<std::string> words) {
    words.insert(words.begin(), {"--state-dir", system.state_dir(), "run", script});
    return {.arguments = std::move(words)};
  }
  cli_test::ended_program run(std::vector<std::string> words = {}) {
    cli_program program(options(std::move(words)));
    return program.wait_end();
  }
  json sent_task() {
    const auto request = system.gateway().wait_for("POST /api/v1/tasks");
    return request ? json::parse(request->body) : json{};
  }
  static json end_state(const std::string& state, const json& code, const json& signal,
                        const std::string& reason = {}) {
    return {{"id", "t1"}, {"state", state}, {"exit_code", code}, {"signal", signal}, {"reason", reason}};
  }

  fake_system system;
  std::string script;
};

TEST_F(CliRun, ScriptArgumentsParametersAndLimitsReachTheTask) {
  system.end_succeeded();
  const auto got = run({"--node", "first.process_0.admin", "--timeout", "-1", "--params", R"({"rows": 10})", "--env",
                        "A=b=c", "--venv", "v1", "--clean-venv", "--", "[1,2]", "--json", "", "a b"});
  EXPECT_EQ(got.code, 0) << got.err;
  const auto task = sent_task();
  EXPECT_EQ(task["script"], script);
  EXPECT_EQ(task["args"], (json{"[1,2]", "--json", "", "a b"}));
  EXPECT_EQ(task["node"], "first.process_0.admin");
  EXPECT_EQ(task["timeout"], -1);
  EXPECT_EQ(task["venv"], "v1");
  EXPECT_EQ(task["clean_venv"], true);
  EXPECT_EQ(task["params"]["rows"], 10);
  EXPECT_EQ(task["env"]["A"], "b=c");
  EXPECT_EQ(task["stdin"], "closed") << "/dev/null has nothing to read";
}

TEST_F(CliRun, OutputComesAsItIsPrinted) {
  cli_program program(options({}));
  system.print("stdout", "first\n");
  EXPECT_TRUE(program.wait_out("first\n")) << "before the script has ended";
  system.print("stderr", "oops\n");
  EXPECT_TRUE(program.wait_err("oops\n"));
  system.print("stdout", "no newline");
  EXPECT_TRUE(program.wait_out("no newline"));
  system.end(end_state("failed", 5, nullptr));
  const auto got = program.wait_end();
  EXPECT_EQ(got.code, 5);
  EXPECT_EQ(got.out, "first\nno newline");
  EXPECT_EQ(got.err, "oops\n") << "nothing of our own beside the script's";
}

TEST_F(CliRun, WhatIsSaidBeforeTheScriptCanStartIsNoneOfItsOutput) {
  system.print("note", "creating v1\n");
  system.print("stdout", "out\n");
  system.end_succeeded();
  const auto got = run();
  EXPECT_EQ(got.out, "out\n");
  EXPECT_EQ(got.err, "troupe: creating v1\n");
}

TEST_F(CliRun, BinaryOutputIsNotChanged) {
  system.print("stdout", json{{"$bytes", "AAH/Cg0="}});
  system.print("stdout", "\u00e4\r\n");
  system.end_succeeded();
  EXPECT_EQ(run().out, std::string("\x00\x01\xff\n\r", 5) + "\u00e4\r\n");
}

TEST_F(CliRun, TheTasksActorIsRemovedAfterTheEnd) {
  system.end(end_state("failed", 1, nullptr));
  EXPECT_EQ(run().code, 1);
  EXPECT_EQ(system.gateway().count("DELETE /api/v1/tasks/t1"), 1U);
}

TEST_F(CliRun, EachEndHasItsCodeAndItsReason) {
  struct known_end {
    json state;
    int code;
    std::string reason;
  };
  const std::vector<known_end> ends{
    {end_state("timed_out", nullptr, 15, "the limit of 2 s is over"), 124, "the limit of 2 s is over"},
    {end_state("memory_exceeded", nullptr, 9, "101 of 100 MB"), 137, "101 of 100 MB"},
    {end_state("signalled", nullptr, 11), 139, "11 (SIGSEGV)"},
    {end_state("cancelled", nullptr, 15), 143, "cancelled"},
    {end_state("lost", nullptr, nullptr, "the observer is gone"), 4, "the observer is gone"},
  };
  for (const auto& [state, code, reason] : ends) {
    fake_system own;
    own.end(state);
    const auto got = cli_test::run_cli({"run", script, "--state-dir", own.state_dir()});
    EXPECT_EQ(got.code, code) << state;
    EXPECT_NE(got.err.find(reason), std::string::npos) << got.err;
  }
}

TEST_F(CliRun, StandardInputReachesTheScriptAndIsClosedAtItsEnd) {
  auto wanted = options({});
  wanted.has_input = true;
  cli_program program(wanted);
  program.write_input("one\n");
  EXPECT_TRUE(system.wait_input("one\n")) << "piece by piece, not at the end";
  EXPECT_FALSE(system.input_closed());
  const std::string large(300'000, 'x');
  program.write_input(large);
  program.close_input();
  EXPECT_TRUE(system.wait_input_closed());
  EXPECT_TRUE(system.input() == "one\n" + large);
  EXPECT_EQ(sent_task()["stdin"], "open");
  system.end_succeeded();
  EXPECT_EQ(program.wait_end().code, 0);
}

TEST_F(CliRun, LinesTypedAtATerminalComeAtOnceAndCtrlDIsTheEnd) {
  auto wanted = options({});
  wanted.has_terminal_input = true;
  cli_program program(wanted);
  program.write_input("line\n");
  EXPECT_TRUE(system.wait_input("line\n"));
  program.write_input("\x04");
  EXPECT_TRUE(system.wait_input_closed());
  system.end_succeeded();
  EXPECT_EQ(program.wait_end().code, 0);
}

TEST_F(CliRun, AScriptThatReadsSlowlyHoldsTheInputBackWithoutLosingAny) {
  std::atomic<int> refusals{3};
  system.on_stdin = [&](const std::string&) { return refusals-- > 0 ? 429 : 200; };
  auto wanted = options({});
  wanted.has_input = true;
  cli_program program(wanted);
  program.write_input("all of it");
  program.close_input();
  EXPECT_TRUE(system.wait_input_closed());
  EXPECT_EQ(system.input(), "all of it");
  system.end_succeeded();
  EXPECT_EQ(program.wait_end().code, 0);
}

TEST_F(CliRun, AScriptThatEndsBeforeItsInputEndsTheRun) {
  system.on_stdin = [](const std::string&) { return 409; };
  auto wanted = options({});
  wanted.has_input = true; // never closed
  cli_program program(wanted);
  program.write_input("nobody reads this\n");
  system.end_succeeded();
  const auto got = program.wait_end();
  EXPECT_EQ(got.code, 0);
  EXPECT_EQ(got.err, "");
}

TEST_F(CliRun, CtrlCStopsTheTaskAndWaitsForItsEnd) {
  system.on_order = [&](const std::string& order) {
    if (order == "cancel") {
      system.print("stdout", "cleaning up\n");
      system.end(end_state("cancelled", nullptr, 15));
    }
  };
  cli_program program(options({}));
  system.print("stdout", "ready\n");
  ASSERT_TRUE(program.wait_out("ready\n"));
  program.signal(SIGINT);
  const auto got = program.wait_end();
  EXPECT_EQ(got.code, 130);
  EXPECT_EQ(got.out, "ready\ncleaning up\n");
  EXPECT_EQ(system.gateway().count("DELETE /api/v1/tasks/t1"), 1U);
}

TEST_F(CliRun, ASecondCtrlCKillsTheTask) {
  system.on_order = [&](const std::string& order) {
    if (order == "signal") {
      system.end(end_state("signalled", nullptr, 9));
    }
  };
  cli_program program(options({}));
  system.print("stdout", "ready\n");
  ASSERT_TRUE(program.wait_out("ready\n"));
  program.signal(SIGINT);
  ASSERT_TRUE(system.gateway().wait_for("POST /api/v1/tasks/t1/cancel"));
  program.signal(SIGINT);
  const auto got = program.wait_end();
  EXPECT_EQ(got.code, 137);
  const auto order = system.gateway().wait_for("POST /api/v1/tasks/t1/signal");
  ASSERT_TRUE(order);
  EXPECT_EQ(json::parse(order->body)["signal"], "SIGKILL");
}

TEST_F(CliRun, AThirdCtrlCLeavesTheTaskAlone) {
  cli_program program(options({}));
  system.print("stdout", "ready\n");
  ASSERT_TRUE(program.wait_out("ready\n"));
  program.signal(SIGINT);
  ASSERT_TRUE(system.gateway().wait_for("POST /api/v1/tasks/t1/cancel"));
  program.signal(SIGINT);
  ASSERT_TRUE(system.gateway().wait_for("POST /api/v1/tasks/t1/signal"));
  program.signal(SIGINT);
  const auto got = program.wait_end();
  EXPECT_EQ(got.code, 130);
  EXPECT_NE(got.err.find("troupe tasks cancel t1"), std::string::npos) << got.err;
}

TEST_F(CliRun, SigtermStopsTheTaskAsWell) {
  system.on_order = [&](const std::string&) { system.end(end_state("cancelled", nullptr, 15)); };
  cli_program program(options({}));
  system.print("stdout", "ready\n");
  ASSERT_TRUE(program.wait_out("ready\n"));
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait_end().code, 143);
}

TEST_F(CliRun, ACutConnectionIsTakenUpAgainWhereItBroke) {
  cli_program program(options({}));
  system.print("stdout", "one\n");
  ASSERT_TRUE(program.wait_out("one\n"));
  system.gateway().cut_connections();
  system.print("stdout", "two\n");
  ASSERT_TRUE(program.wait_out("two\n"));
  system.end_succeeded();
  const auto got = program.wait_end();
  EXPECT_EQ(got.code, 0) << got.err;
  EXPECT_EQ(got.out, "one\ntwo\n") << "nothing twice, nothing missing";
}

TEST_F(CliRun, AConnectionThatStaysBrokenEndsWithFourAndSaysWhatMayStillRun) {
  cli_program program(options({}));
  system.print("stdout", "one\n");
  ASSERT_TRUE(program.wait_out("one\n"));
  system.break_streams();
  const auto got = program.wait_end();
  EXPECT_EQ(got.code, 4);
  EXPECT_NE(got.err.find("troupe logs t1 -f"), std::string::npos) << got.err;
}

TEST_F(CliRun, AGatewayThatIsGoneEndsWithFour) {
  cli_program program(options({}));
  system.print("stdout", "one\n");
  ASSERT_TRUE(program.wait_out("one\n"));
  system.gateway().close_door();
  system.gateway().cut_connections();
  system.break_streams();
  const auto got = program.wait_end();
  EXPECT_EQ(got.code, 4);
  EXPECT_NE(got.err.find("runs/t1"), std::string::npos) << got.err;
}

TEST_F(CliRun, AReaderThatGoesAwayStopsTheTask) {
  system.on_order = [&](const std::string&) { system.end(end_state("cancelled", nullptr, 15)); };
  cli_program program(options({}));
  system.print("stdout", "\x04GO AWAY");
  program.close_output();
  system.print("stdout", "nobody reads this\n");
  const auto got = program.wait_end();
  EXPECT_EQ(got.code, 128 + SIGPIPE) << got.err;
  EXPECT_EQ(system.gateway().count("POST /api/v1/tasks/t1/cancel"), 1U);
}

TEST_F(CliRun, ARejectedTaskIsExplained) {
  system.answer("POST /api/v1/tasks", 422, {{"title", "Rejected"}, {"detail", "no such node"}, {"status", 422}});
  const auto got = run();
  EXPECT_EQ(got.code, 1);
  EXPECT_NE(got.err.find("no such node"), std::string::npos) << got.err;
}

TEST_F(CliRun, ParamsThatAreNoObjectAndAMissingScriptAreRefused) {
  EXPECT_EQ(run({"--params", "[1]"}).code, 2);
  script = "/no/such/script.py";
  const auto got = run();
  EXPECT_EQ(got.code, 2);
  EXPECT_NE(got.err.find("/no/such/script.py"), std::string::npos);
  EXPECT_TRUE(system.gateway().requests().empty());
}

TEST_F(CliRun, JsonGivesOneDocumentAtTheEnd) {
  system.print("stdout", "a\n");
  system.print("stderr", json{{"$bytes", "/w=="}});
  system.end(end_state("failed", 3, nullptr));
  const auto got = run({"--json"});
  EXPECT_EQ(got.code, 3);
  const auto document = json::parse(got.out);
  EXPECT_EQ(document["stdout"], "a\n");
  EXPECT_EQ(document["stderr"]["$bytes"], "/w==");
  EXPECT_EQ(document["task"]["state"], "failed");
}

TEST_F(CliRun, AMillionLinesPassThrough) {
  std::string wanted;
  for (int block = 0; block < 100; ++block) {
    std::string text;
    for (int line = 0; line < 10'000; ++line) {
      text += std::to_string(block * 10'000 + line) + "\n";
    }
    system.print("stdout", text);
    wanted += text;
  }
  system.end_succeeded();
  const auto got = run();
  EXPECT_EQ(got.code, 0) << got.err;
  EXPECT_TRUE(got.out == wanted);
}

} // namespace
