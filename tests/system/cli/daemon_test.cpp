#include "tests/system/cli/cli_program.hpp"
#include "tests/system/harness/temp_folder.hpp"

#include "tests/system/cli/fake_system.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include <unistd.h>

namespace {

namespace fs = std::filesystem;
using cli_test::json;

/// A copy of `troupe` with a program of the test's own as `trouped` beside it.
class CliDaemon : public testing::Test {
protected:
  CliDaemon() { fs::copy_file(TROUPE_PROGRAM, folder.path() / "troupe"); }

  ~CliDaemon() override {
    if (const int pid = ready_pid(); pid > 1 && pid != ::getpid()) {
      ::kill(pid, SIGKILL);
    }
  }

  void write_daemon(const std::string& body) {
    folder.write("trouped",
                 "#!/bin/sh\nstate=\nwhile [ $# -gt 0 ]; do [ \"$1\" = --state-dir ] && state=$2; shift; done\n" + body,
                 true);
  }
  /// One that is ready, and does what `then` says.
  void write_ready_daemon(const std::string& then) {
    write_daemon("echo secret > \"$state/token\"\n"
                 "echo \"{\\\"pid\\\": $$, \\\"api\\\": \\\"" +
                 api +
                 "\\\", \\\"token_file\\\": \\\"$state/token\\\", "
                 "\\\"login\\\": \\\"" +
                 api +
                 "/login?code=abc\\\"}\" > \"$state/ready.new\"\n"
                 "mv \"$state/ready.new\" \"$state/ready.json\"\n" +
                 then);
  }
  cli_test::ended_program troupe(std::vector<std::string> words) {
    words.insert(words.begin(), {"--state-dir", state.string()});
    cli_test::cli_program program({.arguments = std::move(words), .program = (folder.path() / "troupe").string()});
    return program.wait_end();
  }
  int ready_pid() const {
    std::ifstream in(state / "ready.json");
    const auto content = json::parse(in, nullptr, false);
    return content.is_object() ? content.value("pid", 0) : 0;
  }

  system_test::temp_folder folder;
  fs::path state = folder.path() / "state";
  std::string api = "http://127.0.0.1:9";
};

TEST_F(CliDaemon, UpWaitsUntilItIsReadyAndPrintsTheAddresses) {
  write_ready_daemon("exec sleep 60\n");
  const auto got = troupe({"up"});
  EXPECT_EQ(got.code, 0) << got.err;
  EXPECT_NE(got.out.find("Console:  http://127.0.0.1:9/\n"), std::string::npos) << got.out;
  EXPECT_NE(got.out.find("http://127.0.0.1:9/login?code=abc"), std::string::npos) << got.out;
  EXPECT_EQ(::kill(ready_pid(), 0), 0) << "the daemon goes on when troupe has ended";
}

TEST_F(CliDaemon, UpTellsTheDaemonsOwnLineWhenItDoesNotStart) {
  write_daemon("echo 'trouped: port 9090 is in use; set gateway.port in the config' >&2\nexit 2\n");
  const auto got = troupe({"up"});
  EXPECT_EQ(got.code, 2);
  EXPECT_EQ(got.err, "troupe: port 9090 is in use; set gateway.port in the config\n");
}

TEST_F(CliDaemon, UpIsNotMisledByAReadyFileOfAnEarlierDaemon) {
  folder.write("state/ready.json", R"({"pid": 999999999, "api": "http://127.0.0.1:9"})");
  write_daemon("echo 'trouped: broken' >&2\nexit 1\n");
  EXPECT_EQ(troupe({"up"}).code, 1);
}

TEST_F(CliDaemon, UpEndsADaemonThatIsNotReadyInTime) {
  write_daemon("echo $$ > \"$state/pid\"\nexec sleep 60\n");
  const auto got = troupe({"up", "--timeout", "1"});
  EXPECT_EQ(got.code, 1);
  EXPECT_NE(got.err.find("not ready after 1 s"), std::string::npos) << got.err;
  int pid = 0;
  std::ifstream(state / "pid") >> pid;
  ASSERT_GT(pid, 1);
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST_F(CliDaemon, AMissingDaemonIsNamed) {
  const auto got = troupe({"up"});
  EXPECT_EQ(got.code, 1);
  EXPECT_NE(got.err.find("trouped"), std::string::npos) << got.err;
}

TEST_F(CliDaemon, DownForcesADaemonThatDoesNotListenAndSaysSo) {
  // as a script that stays a script keeps the name trouped
  write_ready_daemon("trap '' INT\nwhile :; do sleep 1; done\n");
  ASSERT_EQ(troupe({"up"}).code, 0);
  const auto got = troupe({"down", "--timeout", "0"});
  EXPECT_EQ(got.code, 0) << got.err;
  EXPECT_NE(got.out.find("has ended"), std::string::npos) << got.out;
  EXPECT_NE(got.err.find("by SIGTERM"), std::string::npos) << got.err;
}

TEST_F(CliDaemon, DownAsksForQuitAndWaitsForTheEnd) {
  cli_test::fake_system gateway;
  api = gateway.gateway().address();
  gateway.answer("POST /api/v1/messages", 200, {{"command", "is_quiting"}, {"body", nullptr}});
  write_ready_daemon("while [ ! -e \"$state/end\" ]; do sleep 0.05; done\n");
  ASSERT_EQ(troupe({"up"}).code, 0);
  cli_test::cli_program down(
    {.arguments = {"--state-dir", state.string(), "down"}, .program = (folder.path() / "troupe").string()});
  const auto asked = gateway.gateway().wait_for("POST /api/v1/messages");
  ASSERT_TRUE(asked);
  EXPECT_EQ(json::parse(asked->body)["command"], "quit");
  folder.write("state/end", "");
  const auto got = down.wait_end();
  EXPECT_EQ(got.code, 0) << got.err;
  EXPECT_EQ(got.err, "") << "nothing had to be forced";
}

TEST_F(CliDaemon, UpTwiceShowsTheOneThatRuns) {
  write_ready_daemon("while :; do sleep 1; done\n");
  ASSERT_EQ(troupe({"up"}).code, 0);
  const int first = ready_pid();
  const auto got = troupe({"up"});
  EXPECT_EQ(got.code, 0) << got.err;
  EXPECT_NE(got.out.find("already running"), std::string::npos) << got.out;
  EXPECT_EQ(ready_pid(), first);
}

TEST_F(CliDaemon, DownWithoutASystemEndsWithThree) {
  EXPECT_EQ(troupe({"down"}).code, 3);
  folder.write("state/ready.json", json{{"pid", ::getpid()}, {"api", api}}.dump());
  EXPECT_EQ(troupe({"down"}).code, 3) << "a process of another name is no daemon, and lives on";
}

} // namespace
