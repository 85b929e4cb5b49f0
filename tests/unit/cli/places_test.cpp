#include "nodes/troupe/completion_script.hpp"
#include "nodes/troupe/gateway.hpp"
#include "nodes/troupe/health.hpp"
#include "nodes/troupe/http_client.hpp"
#include "nodes/troupe/log_tail.hpp"
#include "nodes/troupe/state_dir.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>

#include <unistd.h>

namespace {

using namespace troupe::cli;

std::string state_dir(const std::string& typed, const std::map<std::string, std::string>& variables) {
  return find_state_dir(typed,
                        [&](const char* name) {
                          const auto found = variables.find(name);
                          return found == variables.end() ? std::string{} : found->second;
                        })
    .string();
}

TEST(StateDir, TheFirstOfFlagVariableStateHomeAndHomeCounts) {
  const std::map<std::string, std::string> all{
    {"TROUPE_STATE_DIR", "/own"}, {"XDG_STATE_HOME", "/xdg"}, {"HOME", "/home/u"}};
  EXPECT_EQ(state_dir("/typed/../t", all), "/t");
  EXPECT_EQ(state_dir("", all), "/own");
  EXPECT_EQ(state_dir("", {{"XDG_STATE_HOME", "/xdg"}, {"HOME", "/home/u"}}), "/xdg/troupe");
  EXPECT_EQ(state_dir("", {{"XDG_STATE_HOME", "relative"}, {"HOME", "/home/u"}}), "/home/u/.local/state/troupe");
  EXPECT_EQ(state_dir("", {}), "/var/lib/troupe");
}

TEST(HttpClient, OnlyAnHttpAddressWithAPortIsOne) {
  EXPECT_TRUE(make_http_client("http://127.0.0.1:9090", ""));
  EXPECT_TRUE(make_http_client("http://[::1]:9090/", ""));
  for (const auto* wrong : {"", "127.0.0.1:9090", "https://127.0.0.1:9090", "http://127.0.0.1", "http://127.0.0.1:",
                            "http://127.0.0.1:0", "http://127.0.0.1:70000", "http://127.0.0.1:9x"}) {
    EXPECT_FALSE(make_http_client(wrong, "")) << wrong;
  }
}

TEST(Gateway, NamesAndIdsOfTasksMeanTheSame) {
  EXPECT_EQ(task_id_of("task_12ab"), "12ab");
  EXPECT_EQ(task_id_of("12ab"), "12ab");
}

TEST(Gateway, WhatGoesIntoAnAddressIsEncoded) {
  EXPECT_EQ(url_encoded("a/b c?&\xc3\xa9.~"), "a%2Fb%20c%3F%26%C3%A9.~");
}

class LogTail : public testing::Test {
protected:
  std::string tail_of(const std::string& text, unsigned count) {
    char name[] = "/tmp/troupe-log-XXXXXX";
    ::close(::mkstemp(name));
    std::ofstream(name, std::ios::binary) << text;
    auto tail = last_lines(name, count).value_or("unreadable");
    std::remove(name);
    return tail;
  }
};

TEST_F(LogTail, GivesTheLastLines) {
  EXPECT_EQ(tail_of("a\nb\nc\n", 2), "b\nc\n");
  EXPECT_EQ(tail_of("a\nb\nc", 2), "b\nc\n");
  EXPECT_EQ(tail_of("a\nb\n", 9), "a\nb\n");
  EXPECT_EQ(tail_of("a\n\n\n", 2), "\n\n");
  EXPECT_EQ(tail_of("a\n", 0), "");
  EXPECT_EQ(tail_of("", 3), "");
  EXPECT_FALSE(last_lines("/no/such/file", 1));
}

machine_facts healthy() {
  machine_facts facts;
  facts.own_version = "0.1.0";
  facts.programs = {{"trouped", true, "trouped 0.1.0"}, {"troupe-node", true, ""}};
  facts.python_version = "Python 3.11.2";
  facts.uv_version = "uv 0.9.0";
  facts.run_user = "nobody (uid 65534)";
  facts.ports = {{"gateway", 9090, true}};
  facts.has_user_namespaces = true;
  facts.cgroup_version = 2;
  facts.cgroup_writable = true;
  facts.limit_means = "cgroup v2";
  facts.has_pidfd = true;
  return facts;
}

std::size_t count(const machine_facts& facts, health how) {
  const auto found = judge_health(facts);
  return static_cast<std::size_t>(std::ranges::count_if(found, [&](const finding& one) {
    EXPECT_EQ(one.how == health::good, one.advice.empty()) << one.what << ": whatever is wrong has an advice";
    return one.how == how;
  }));
}

TEST(Health, AHealthyMachineHasNothingToComplainAbout) {
  EXPECT_EQ(count(healthy(), health::bad), 0U);
  EXPECT_EQ(count(healthy(), health::warning), 0U);
}

TEST(Health, APortInUseIsBadUnlessTheSystemItselfUsesIt) {
  auto facts = healthy();
  facts.ports[0].is_free = false;
  EXPECT_EQ(count(facts, health::bad), 1U);
  facts.ready_pid = 5;
  facts.daemon_lives = true;
  facts.system_version = "0.1.0";
  EXPECT_EQ(count(facts, health::bad), 0U);
}

TEST(Health, ThePriceOfAnAbsentUvAndOfRootsRunsIsSaid) {
  auto facts = healthy();
  facts.uv_version = "";
  facts.run_user_is_root = true;
  EXPECT_EQ(count(facts, health::warning), 2U);
  facts.needs_uv = true;
  EXPECT_EQ(count(facts, health::bad), 1U);
}

TEST(Health, AStaleReadyFileIsAWarningAndAMuteSystemIsBad) {
  auto facts = healthy();
  facts.ready_pid = 5;
  EXPECT_EQ(count(facts, health::warning), 1U);
  facts.daemon_lives = true;
  facts.system_problem = "no answer";
  EXPECT_EQ(count(facts, health::bad), 1U);
}

TEST(Health, ProgramsOfAnotherBuildAreBad) {
  auto facts = healthy();
  facts.programs[0].version = "trouped 0.2.0";
  facts.programs[1].is_there = false;
  EXPECT_EQ(count(facts, health::bad), 2U);
}

TEST(Completion, EveryShellGetsEveryCommandAndOption) {
  const auto root = describe_commands();
  for (const auto* shell : {"bash", "zsh", "fish"}) {
    const auto script = completion_script(shell, root);
    for (const auto* word : {"up", "processes", "create", "drain", "move", "doctor", "memory-limit", "origin"}) {
      EXPECT_NE(script.find(word), std::string::npos) << shell << " " << word;
    }
  }
}

TEST(Completion, BashTakesTheScriptAndCompletesWithIt) {
  std::ofstream("completion_test.bash")
    << completion_script("bash", describe_commands())
    << "COMP_WORDS=(troupe tasks --json sh); COMP_CWORD=3; _troupe; "
       "echo \"${COMPREPLY[*]}\"; COMP_WORDS=(troupe run --ti); COMP_CWORD=2; _troupe; "
       "echo \"${COMPREPLY[*]}\"\n";
  FILE* shell = ::popen("bash completion_test.bash 2>&1", "r");
  ASSERT_NE(shell, nullptr);
  char text[256]{};
  const auto size = std::fread(text, 1, sizeof text - 1, shell);
  EXPECT_EQ(::pclose(shell), 0);
  std::remove("completion_test.bash");
  EXPECT_EQ((std::string{text, size}), "show\n--timeout\n");
}

} // namespace
