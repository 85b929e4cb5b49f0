#include "tests/system/script_server/script_server_system.hpp"

#include "tests/system/harness/program_paths.hpp"

namespace system_test {
namespace {

class ScriptServerCommands : public ScriptServer {
protected:
  finished troupe(std::vector<std::string> arguments, std::string_view input = {}) const {
    program_options options;
    options.argv = {programs().troupe, "script"};
    options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
    options.environment = {{"TROUPE_STATE_DIR", system_.state_dir().string()}};
    return run_program(std::move(options), scaled(60s), input);
  }
  static exit_state code(int value) { return {false, value}; }
};

TEST_F(ScriptServerCommands, ScriptsAreStoredShownRunAndRemoved) {
  const auto file = system_.folder().write("hello.py", "import sys, json; print('Hello,', json.load(sys.stdin)['name'], sys.argv[1:])");
  EXPECT_EQ(troupe({"ls"}).out, "no scripts\n");
  EXPECT_EQ(troupe({"put", file}).state, code(0));
  EXPECT_EQ(troupe({"ls"}).out, "hello.py\n");
  EXPECT_EQ(json::parse(troupe({"ls", "--json"}).out), (json{"hello.py"}));
  EXPECT_EQ(troupe({"get", "hello.py"}).out, read_text(file));
  auto got = troupe({"run", "hello.py", "--data", "{\"name\": \"Alice\"}", "--", "--verbose"});
  EXPECT_EQ(got.out, "Hello, Alice ['--verbose']\n") << got.err;
  EXPECT_EQ(got.state, code(0));
  got = troupe({"run", "hello.py", "--data", "-"}, "{\"name\": \"Bob\"}");
  EXPECT_EQ(got.out, "Hello, Bob []\n") << got.err;
  got = troupe({"run", "hello.py", "--json", "--data", "{\"name\": \"Alice\"}"});
  EXPECT_EQ(json::parse(got.out)["exit_code"], 0);
  EXPECT_EQ(troupe({"put", "-", "end.py", "--timeout", "0.4"}, "import sys, time; print('x', flush=True); time.sleep(float(sys.argv[1])); sys.exit(7)").state, code(0));
  EXPECT_EQ(troupe({"run", "end.py", "--", "0"}).state, code(7));
  EXPECT_EQ(troupe({"run", "end.py", "--", "50"}).state, code(124));
  EXPECT_EQ(troupe({"rm", "hello.py"}).state, code(0));
  EXPECT_EQ(troupe({"ls"}).out, "end.py\n");
}

TEST_F(ScriptServerCommands, WhatCannotBeDoneSaysWhy) {
  auto got = troupe({"rm", "absent.py"});
  EXPECT_EQ(got.state, code(1));
  EXPECT_NE(got.err.find("no script absent.py"), std::string::npos) << got.err;
  EXPECT_EQ(troupe({"run", "absent.py"}).state, code(1));
  EXPECT_EQ(troupe({"put", "/absent/file.py"}).state, code(2));
  EXPECT_EQ(troupe({"put", "-"}, "1").state, code(2)) << "without a name";
  EXPECT_EQ(troupe({"run", "a.py", "--data", "{"}).state, code(2));
  EXPECT_EQ(troupe({"put", "-", "../a.py"}, "1").state, code(1));
  EXPECT_NE(troupe({"run", "--help"}).out.find("troupe script run"), std::string::npos);
}

TEST(ScriptServerAbsent, ASystemWithoutAScriptServerSaysSo) {
  test_system system;
  EXPECT_TRUE(system.ready().at("scripts").is_null());
  program_options options;
  options.argv = {programs().troupe, "script", "ls"};
  options.environment = {{"TROUPE_STATE_DIR", system.state_dir().string()}};
  const auto got = run_program(std::move(options), scaled(30s));
  EXPECT_EQ(got.state, (exit_state{false, 1}));
  EXPECT_NE(got.err.find("script_server.port"), std::string::npos) << got.err;
}

} // namespace
} // namespace system_test
