#include "nodes/troupe/arguments.hpp"

#include <gtest/gtest.h>

namespace {

using namespace troupe::cli;

template <class Options>
Options understood(const std::vector<std::string>& words) {
  const auto parsed = parse_arguments(words);
  EXPECT_TRUE(parsed.todo) << parsed.err;
  const auto* options = parsed.todo ? std::get_if<Options>(&parsed.todo->command) : nullptr;
  EXPECT_NE(options, nullptr);
  return options == nullptr ? Options{} : *options;
}

TEST(Arguments, CommonOptionsMayStandBeforeAndBehindTheCommand) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"--json", "--state-dir", "/s", "status"},
                                                                 {"status", "--json", "--state-dir", "/s"}}) {
    const auto parsed = parse_arguments(words);
    ASSERT_TRUE(parsed.todo) << parsed.err;
    EXPECT_TRUE(parsed.todo->common.json);
    EXPECT_EQ(parsed.todo->common.state_dir, "/s");
  }
}

TEST(Arguments, NamesOfCommandsAreOrdinaryWordsBehindAsk) {
  const auto ask = understood<message_options>({"ask", "run", "status", "down"});
  EXPECT_EQ(ask.recipient, "run");
  EXPECT_EQ(ask.command, "status");
  EXPECT_EQ(ask.body, "down");
}

TEST(Arguments, ABodyThatLooksLikeAnOptionGoesBehindTwoDashes) {
  EXPECT_EQ(understood<message_options>({"ask", "counter", "add", "--", "-5"}).body, "-5");
  EXPECT_EQ(understood<message_options>({"ask", "run", "add", "--", "-5"}).body, "-5");
}

TEST(Arguments, ABodyIsNotTouched) {
  EXPECT_EQ(understood<message_options>({"ask", "a", "b", "[1, 2]"}).body, "[1, 2]");
  EXPECT_EQ(understood<message_options>({"ask", "a", "b", R"({"k": "v, w"})"}).body, R"({"k": "v, w"})");
  EXPECT_EQ(understood<message_options>({"ask", "", "b", ""}).recipient, "");
}

TEST(Arguments, WhatStandsBehindTwoDashesIsTheScriptsUnchanged) {
  const auto run =
    understood<run_options>({"--state-dir", "run", "run", "x.py", "--timeout", "2", "--", "[1,2]", "--", "", "-h"});
  EXPECT_EQ(run.script, "x.py");
  EXPECT_EQ(run.timeout_s, 2);
  EXPECT_EQ(run.args, (std::vector<std::string>{"[1,2]", "--", "", "-h"}));
  EXPECT_EQ(run.application, "");
  const auto kept =
    understood<run_options>({"--state-dir", "app", "app", "--json", "run", "N9IBvh", "x.py", "--params", "{}", "--", "[1,2]"});
  EXPECT_EQ(kept.application, "N9IBvh");
  EXPECT_EQ(kept.script, "x.py");
  EXPECT_EQ(kept.args, (std::vector<std::string>{"[1,2]"}));
}

TEST(Arguments, ANegativeTimeLimitIsANumber) {
  EXPECT_EQ(understood<run_options>({"run", "x.py", "--timeout", "-1"}).timeout_s, -1);
}

TEST(Arguments, AVariableMayHoldBracketsAndBlanks) {
  const auto run = understood<run_options>({"run", "x.py", "--env", "A=[1,2]", "--env", "B=c d"});
  EXPECT_EQ(run.environment, (std::vector<std::string>{"A=[1,2]", "B=c d"}));
}

TEST(Arguments, AGroupAloneListsAndItsSubcommandsDoMore) {
  understood<list_processes_options>({"processes"});
  understood<list_processes_options>({"processes", "list"});
  EXPECT_EQ(understood<create_process_options>({"processes", "create", "--name", "list"}).name, "list");
  EXPECT_EQ(understood<remove_process_options>({"processes", "rm", "first.list.admin"}).node, "first.list.admin");
  EXPECT_EQ(understood<task_options>({"tasks"}).action, task_action::list);
  const auto show = understood<task_options>({"tasks", "show", "list"});
  EXPECT_EQ(show.action, task_action::show);
  EXPECT_EQ(show.id, "list");
}

TEST(Arguments, MistakesAreUsageErrors) {
  for (const auto& words : std::vector<std::vector<std::string>>{{},
                                                                 {"fly"},
                                                                 {"ask", "x"},
                                                                 {"run"},
                                                                 {"run", "a.py", "b.py"},
                                                                 {"config"},
                                                                 {"status", "--jason"},
                                                                 {"ask", "x", "y", "--timeout", "-1"},
                                                                 {"completion", "csh"}}) {
    const auto parsed = parse_arguments(words);
    EXPECT_FALSE(parsed.todo) << (words.empty() ? "" : words.front());
    EXPECT_EQ(parsed.exit_code, 2) << (words.empty() ? "" : words.front());
    EXPECT_FALSE(parsed.err.empty());
  }
}

void expect_examples(const command_node& node, const std::vector<std::string>& path) {
  auto words = path;
  words.emplace_back("--help");
  const auto help = parse_arguments(words);
  EXPECT_EQ(help.exit_code, 0) << node.name;
  EXPECT_NE(help.out.find("Examples:\n  "), std::string::npos) << node.name;
  for (const auto& child : node.children) {
    auto below = path;
    below.push_back(child.name);
    expect_examples(child, below);
  }
}

TEST(Arguments, ADrainTakesAnyNumberOfTargetsAndAMoveOne) {
  const auto drain = understood<drain_process_options>({"processes", "drain", "a", "--to", "b", "c", "--json"});
  EXPECT_EQ(drain.node, "a");
  EXPECT_EQ(drain.to, (std::vector<std::string>{"b", "c"}));
  EXPECT_TRUE(understood<drain_process_options>({"processes", "drain", "a"}).to.empty());
  const auto move = understood<move_options>({"move", "--to", "b", "dancer"});
  EXPECT_EQ(move.name, "dancer");
  EXPECT_EQ(move.to, "b");
}

TEST(Arguments, EveryCommandHasHelpWithExamples) {
  expect_examples(describe_commands(), {});
}

TEST(Arguments, VersionAndHelpAreNoErrors) {
  EXPECT_EQ(parse_arguments({"--version"}).exit_code, 0);
  EXPECT_TRUE(parse_arguments({"--version"}).out.starts_with("troupe "));
  EXPECT_EQ(parse_arguments({"help", "run"}).out, parse_arguments({"run", "--help"}).out);
}

} // namespace
