// What the guides for authors of scripts describe, run as a user would.
#include "tests/system/scripts/script_system.hpp"

namespace {

using namespace system_test;

TEST_F(Scripts, AChildSendsItsFactorialToItsParentOverTheBridge) {
  const auto parent = run("factorial_parent.py", {{"child", "factorial_child.py"}});
  EXPECT_NE(parent.out.find("message: result is 120\nparent ends\n"), std::string::npos) << parent.out << parent.err;
  const auto tree = tree_of(parent.id);
  ASSERT_EQ(tree["children"].size(), 1u) << tree;
  const auto& child = tree["children"][0];
  EXPECT_EQ(child["parent"], parent.id);
  EXPECT_EQ(child["id"].get<std::string>().size(), 36u) << "a UUID";
  EXPECT_EQ(follow(child["id"]).state.value("state", ""), "succeeded");
}

TEST_F(Scripts, AChildWithAClientLibraryDoesTheSame) {
  std::string reason;
  if (!install("aiohttp", reason)) {
    GTEST_SKIP() << reason;
  }
  const auto parent = run("factorial_parent.py", {{"child", "factorial_child_aiohttp.py"}});
  EXPECT_NE(parent.out.find("message: result is 120\n"), std::string::npos) << parent.out << parent.err;
}

TEST_F(Scripts, AWebsocketServerAndItsClientTalkInsideOfTasks) {
  std::string reason;
  if (!install("websockets<14", reason)) {
    GTEST_SKIP() << reason;
  }
  program_options openssl;
  openssl.argv = {"/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
                  "-keyout", (app_ / "crt.key").string(), "-out", (app_ / "bundle.crt").string()};
  ASSERT_EQ(run_program(openssl, scaled(30s)).state, (exit_state{false, 0}));
  const auto loader = run("echo_loader.py");
  const auto split = loader.out.find(' ');
  ASSERT_NE(split, std::string::npos) << loader.out << loader.err;
  const auto server = follow(loader.out.substr(0, split));
  const auto client = follow(loader.out.substr(split + 1, 36));
  EXPECT_EQ(client.out, "client got hello\nclient got stop\n") << client.err;
  EXPECT_EQ(server.out, "server got hello\nserver got stop\nserver ends\n") << server.err;
  EXPECT_EQ(server.state.value("state", ""), "succeeded") << server.state;
}

TEST_F(Scripts, EnvironmentsAreMadeFilledAndTakenAway) {
  if (!system_.ask("venv_builder", "list_venvs").is("venvs")) {
    GTEST_SKIP() << "this system has no builder of environments";
  }
  std::string reason;
  const bool has_index = install("six", reason);
  const auto got = run("venvs.py", has_index ? json{{"package", "six"}} : json::object());
  EXPECT_EQ(got.out, std::string("named True True\nvalid False False\n") +
                       (has_index ? "installed True True\n" : "") +
                       "refused packages_are_not_installed\ndeleted True\n")
    << got.err;
}

TEST_F(Scripts, ModulesAndPackagesOfTheApplicationAreImported) {
  EXPECT_EQ(run("imports.py").out, "module 1 is imported\nmodule 2 is imported\nlocal imports\nmodule 1 prints\n"
                                   "module 2 prints\n");
}

TEST_F(Scripts, AFloodFromASubprocessIsTakenWhole) { EXPECT_EQ(run("flood.py").out, "5000000 0\n"); }

TEST_F(Scripts, AScriptThatAsksIsAnsweredPromptByPrompt) {
  const auto pid = start("echo_input.py", json::object(), {{"stdin", "open"}});
  std::size_t prompts = 0;
  for (const std::string text : {"one", "two", "three", "four", "quit"}) {
    ++prompts;
    std::string seen;
    ASSERT_TRUE(eventually(20s, [&] {
      seen = printed_by(pid);
      std::size_t found = 0;
      for (auto at = seen.find("Enter a text: "); at != std::string::npos; at = seen.find("Enter a text: ", at + 1)) {
        ++found;
      }
      return found == prompts && seen.ends_with("Enter a text: ");
    })) << seen;
    EXPECT_EQ(system_.http("POST", "/api/v1/tasks/" + pid + "/stdin", text + "\n").status, 200);
  }
  const auto end = follow(pid);
  EXPECT_EQ(end.state.value("state", ""), "succeeded") << end.state << end.err;
  EXPECT_NE(end.out.find("four\n"), std::string::npos) << end.out;
}

TEST_F(Scripts, AHundredSubprocessesRunWithALimitOnTheirNumber) { EXPECT_EQ(run("encrypt.py").out, "100 True True\n"); }

TEST_F(Scripts, ASubprocessThatTakesTooLongIsTerminated) {
  EXPECT_EQ(run("terminate.py").out, "time-out, terminating\n-15\n");
}

} // namespace
