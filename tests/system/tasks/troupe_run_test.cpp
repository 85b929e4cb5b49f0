#include "tests/system/harness/proc_table.hpp"
#include "tests/system/harness/program_paths.hpp"
#include "tests/system/harness/test_system.hpp"
#include "tests/system/tasks/task_runs.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace {

using namespace system_test;

class TroupeRun : public testing::Test {
protected:
  program_options command(std::vector<std::string> words) const {
    program_options out;
    out.argv = {programs().troupe, "--state-dir", system.state_dir()};
    out.argv.insert(out.argv.end(), words.begin(), words.end());
    out.folder = system.folder().path();
    return out;
  }
  finished troupe(std::vector<std::string> words, std::string_view input = {}) const {
    return run_program(command(std::move(words)), 30s, input);
  }
  std::string script(const std::string& name, const std::string& text) const {
    return system.folder().write(name, text, true).string();
  }
  test_system system;
};

TEST_F(TroupeRun, JoinsOutputAndEndsWithTheScriptsCode) {
  const auto path =
    script("both.py", "import sys\nprint('out', *sys.argv[1:])\nprint('err', file=sys.stderr)\nsys.exit(5)\n");
  const auto node = system.create_process();
  const auto got = troupe({"run", path, "--node", node, "--", "a", "b c"});
  EXPECT_EQ(got.state, (exit_state{false, 5})) << to_string(got.state) << got.err;
  EXPECT_EQ(got.out, "out a b c\n");
  EXPECT_NE(got.err.find("err\n"), std::string::npos) << got.err;
}

TEST_F(TroupeRun, AGoodScriptLeavesNothingElseOnTheStreams) {
  const auto path = script("good.sh", "#!/bin/sh\nprintf 'no newline'\n");
  const auto got = troupe({"run", path});
  EXPECT_EQ(got.state, (exit_state{false, 0})) << to_string(got.state) << got.err;
  EXPECT_EQ(got.out, "no newline");
  EXPECT_EQ(got.err, "");
}

TEST_F(TroupeRun, StdinReachesTheScript) {
  const auto path = script("upper.py", "import sys\nfor line in sys.stdin:\n    print(line.strip().upper())\n");
  const auto got = troupe({"run", path}, "one\ntwo\n");
  EXPECT_EQ(got.state, (exit_state{false, 0})) << to_string(got.state) << got.err;
  EXPECT_EQ(got.out, "ONE\nTWO\n");
}

TEST_F(TroupeRun, BinaryOutputIsNotChanged) {
  const auto path = script("bytes.py", "import sys\nsys.stdout.buffer.write(bytes(range(256)) * 100)\n");
  const auto got = troupe({"run", path});
  std::string wanted;
  for (int i = 0; i < 25'600; ++i) {
    wanted += static_cast<char>(i % 256);
  }
  EXPECT_EQ(got.out, wanted);
}

TEST_F(TroupeRun, ParametersReachTheScript) {
  const auto path =
    script("params.py", "import json, os\nprint(json.loads(os.environ['TASK_PARAMS'])['scriptParams']['rows'])\n");
  const auto got = troupe({"run", path, "--params", R"({"rows": 10})"});
  EXPECT_EQ(got.out, "10\n") << got.err;
  const auto refused = troupe({"run", path, "--params", "not json"});
  EXPECT_EQ(refused.state, (exit_state{false, 2})) << to_string(refused.state) << refused.err;
}

TEST_F(TroupeRun, TheTimeLimitEndsItWith124AndAReason) {
  const auto path = script("long.sh", "#!/bin/sh\necho begun\n" + own_sleep() + "\n");
  const auto got = troupe({"run", path, "--timeout", "0.7"});
  EXPECT_EQ(got.state, (exit_state{false, 124})) << to_string(got.state) << got.err;
  EXPECT_EQ(got.out, "begun\n");
  EXPECT_NE(got.err.find("0.7"), std::string::npos) << got.err;
  EXPECT_LT(got.took, scaled(8000ms));
}

TEST_F(TroupeRun, ASignalEndsItWith128AndItsNumber) {
  const auto path = script("killed.sh", "#!/bin/sh\nkill -15 $$\n");
  const auto got = troupe({"run", path});
  EXPECT_EQ(got.state, (exit_state{false, 128 + 15})) << to_string(got.state) << got.err;
  EXPECT_FALSE(got.err.empty()) << "the reason is told";
}

TEST_F(TroupeRun, CtrlCStopsTheTask) {
  const auto path = script("waiting.sh", "#!/bin/sh\necho waiting\n" + own_sleep() + "\n");
  program running(command({"run", path}));
  ASSERT_TRUE(running.out().wait_for("waiting", 10s)) << running.err().text();
  running.signal(SIGINT);
  const auto state = running.wait_exit(10s);
  ASSERT_TRUE(state);
  EXPECT_NE(*state, (exit_state{false, 0})) << to_string(state);
  EXPECT_TRUE(eventually(7s, [] { return processes_that_name(own_sleep()).empty(); }));
}

TEST_F(TroupeRun, TheMemoryLimitEndsItWith137AndAReason) {
  const auto path = script("hog.py", "hog = []\nwhile True: hog.append(bytearray(1 << 20))\n");
  for (const auto& words : std::vector<std::vector<std::string>>{{"run", path, "--memory-limit", "40"},
                                                                 {"run", path, "--params", R"({"memoryLimit": 40})"},
                                                                 {"run", path}}) {
    const auto got = troupe(words);
    EXPECT_EQ(got.state, (exit_state{false, 137})) << got.err;
    EXPECT_NE(got.err.find(words.size() == 2 ? "memory limit 100 MB, peak" : "memory limit 40 MB, peak"), std::string::npos)
      << got.err;
  }
}

TEST_F(TroupeRun, AMissingScriptAndAMissingNodeAreExplained) {
  auto got = troupe({"run", "/no/such/script.py"});
  EXPECT_NE(got.state, (exit_state{false, 0})) << to_string(got.state);
  EXPECT_NE(got.err.find("/no/such/script.py"), std::string::npos) << got.err;
  got = troupe({"run", script("x.sh", "#!/bin/sh\n"), "--node", "first.nothing.admin"});
  EXPECT_NE(got.state, (exit_state{false, 0})) << to_string(got.state);
  EXPECT_NE(got.err.find("first.nothing.admin"), std::string::npos) << got.err;
}

TEST_F(TroupeRun, WithoutASystemEveryCommandSaysHowToStartOne) {
  temp_folder empty;
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"status"}, {"ask", "x", "who"}, {"run", "x.py"}, {"actors"}}) {
    program_options what;
    what.argv = {programs().troupe, "--state-dir", (empty.path() / "state").string()};
    what.argv.insert(what.argv.end(), words.begin(), words.end());
    const auto got = run_program(what, 10s);
    EXPECT_TRUE(got.state && got.state->value != 0) << words[0];
    EXPECT_NE(got.err.find("troupe up"), std::string::npos) << words[0] << ": " << got.err;
  }
}

TEST_F(TroupeRun, AskSendActorsAndStatusShowTheSystem) {
  system.create_actor(head_node, "shown", "Counter");
  auto got = troupe({"ask", "shown", "add", R"({"n": 3})"});
  EXPECT_EQ(got.state, (exit_state{false, 0})) << got.err;
  EXPECT_NE(got.out.find("count"), std::string::npos) << got.out;
  EXPECT_NE(got.out.find("3"), std::string::npos) << got.out;
  got = troupe({"--json", "ask", "shown", "get"});
  const auto message = json::parse(got.out, nullptr, false);
  ASSERT_TRUE(message.is_object()) << got.out << got.err;
  EXPECT_EQ(message.value("command", ""), "count") << got.out;
  got = troupe({"actors"});
  EXPECT_NE(got.out.find("shown"), std::string::npos) << got.out << got.err;
  got = troupe({"processes"});
  EXPECT_NE(got.out.find(head_node), std::string::npos) << got.out << got.err;
  got = troupe({"status"});
  EXPECT_NE(got.out.find("king"), std::string::npos) << got.out << got.err;
  got = troupe({"ask", "nobody", "who"});
  EXPECT_EQ(got.state, (exit_state{false, 1})) << to_string(got.state) << got.out << got.err;
}

TEST_F(TroupeRun, DownEndsTheSystem) {
  const auto got = troupe({"down"});
  EXPECT_EQ(got.state, (exit_state{false, 0})) << to_string(got.state) << got.err;
  const auto state = system.daemon().wait_exit(1s);
  EXPECT_EQ(state, (exit_state{false, 0})) << to_string(state);
}

} // namespace
