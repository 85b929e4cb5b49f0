// A process that dies comes back with its actors, unless it dies too often or was not to come back.
#include "tests/system/failures/comeback.hpp"
#include "tests/system/harness/proc_table.hpp"

#include <gtest/gtest.h>

#include <future>

namespace {

using namespace system_test;

json quick(int most = 5) {
  return {{"process_restarts", {{"most", most}, {"window_s", 100}, {"backoff_s", 0.02}, {"max_backoff_s", 0.05}}}};
}

json slow() {
  return {{"process_restarts", {{"backoff_s", 1.5}, {"max_backoff_s", 1.5}}}};
}

system_options with(json config) {
  system_options options;
  options.config = std::move(config);
  return options;
}

TEST(ProcessReturn, AKilledProcessComesBackWithItsActorsAndTheirStates) {
  test_system system;
  const auto node = system.create_process();
  const auto other = system.create_process();
  system.create_actor(node, "counter", "Counter");
  system.create_actor(node, "plain", "Echo");
  system.create_actor(other, "asker", "Echo");
  keep_checkpoint(system, "counter", {{"value", 42}});
  const pid_t before = system.pid_of(node);
  // The asker's node knows the old place.
  EXPECT_EQ(system.ask("asker", "forward_ask", {{"to", "plain"}, {"command", "who"}}).body.at("command"), "here_is");
  const auto died = clock::now();
  kill_and_await(system, node);
  EXPECT_EQ(count_of(system, "counter"), 42);
  EXPECT_LT(since(died), scaled(3000ms));
  const auto got = system.ask("asker", "forward_ask", {{"to", "plain"}, {"command", "who"}, {"timeout", 6}}, 8s);
  ASSERT_EQ(got.body.at("command"), "here_is") << got;
  EXPECT_EQ(got.body.at("body").at("node"), node);
  EXPECT_NE(system.pid_of(node), before);
  EXPECT_FALSE(is_alive(before));
  const auto status = node_status(system, node);
  EXPECT_EQ(status.at("restarts"), 1) << status;
  EXPECT_EQ(status.at("deaths").size(), 1u) << status;
  EXPECT_EQ(node_status(system, other).at("restarts"), 0);
  EXPECT_EQ(system.ask(other, "create_actor", actor_body("plain", "Echo")).command, "actor_is_not_created");
  system.create_actor(node, "another", "Echo");
}

TEST(ProcessReturn, MessagesWaitForItWhileItIsStartedAgain) {
  test_system system(with(slow()));
  const auto node = system.create_process();
  const auto near = system.create_process();
  system.create_actor(node, "counter", "Counter");
  system.create_actor(near, "asker", "Echo");
  kill_until(system, node, "restarting");
  EXPECT_EQ(system.ask(head_node, "get_all_nodes").body, (json{head_node, near})) << "only what is up or starting";
  auto seek = std::async(std::launch::async, [&] { return system.ask(near, "seek_actor", {{"entity", "counter"}}, 6s); });
  const auto begin = clock::now();
  const auto got = system.ask("asker", "forward_ask", {{"to", "counter"}, {"command", "get"}, {"timeout", 7}}, 9s);
  ASSERT_EQ(got.body.at("command"), "count") << got;
  EXPECT_GT(since(begin), 300ms) << "the wait before the restart is longer than that";
  EXPECT_EQ(node_state(system, node), "up");
  const auto found = seek.get();
  ASSERT_EQ(found.command, "actor_is_found") << found;
  EXPECT_EQ(found.body.at("node"), node);
  EXPECT_EQ(system.ask(near, "create_actor", actor_body("counter", "Echo")).command, "actor_is_not_created");
}

TEST(ProcessReturn, APatientQuestionForAProcessThatStaysAwayEndsWithTheReason) {
  test_system system(with({{"process_restarts", {{"backoff_s", 60}, {"max_backoff_s", 60}}}}));
  const auto node = system.create_process();
  system.create_actor(node, "counter", "Counter");
  kill_until(system, node, "restarting");
  const auto got = system.ask("counter", "get", nullptr, 12s);
  EXPECT_EQ(got.command, "actor_has_failed") << got;
  EXPECT_NE(got.body.dump().find("started again"), std::string::npos) << got;
  EXPECT_LT(got.took, scaled(7500ms));
  // A removal ends the waiting: the name is free.
  EXPECT_EQ(system.ask(head_node, "remove_process", {{"node", node}}).command, "process_is_removed");
  EXPECT_EQ(system.ask("counter", "get").command, "actor_is_not_found");
  system.create_actor(head_node, "counter", "Counter");
}

TEST(ProcessReturn, OneThatDiesTooOftenIsInQuarantineUntilItIsResumed) {
  test_system system(with(quick()));
  const auto node = system.create_process();
  system.create_actor(node, "counter", "Counter");
  keep_checkpoint(system, "counter", {{"value", 7}});
  for (int i = 0; i < 5; ++i) {
    kill_and_await(system, node);
  }
  EXPECT_EQ(count_of(system, "counter"), 7);
  kill_until(system, node, "quarantined");
  const auto status = node_status(system, node);
  EXPECT_EQ(status.at("restarts"), 5) << status;
  EXPECT_EQ(status.at("deaths").size(), 6u) << status;
  EXPECT_NE(status.at("deaths").back().get<std::string>().find("signal 9"), std::string::npos) << status;
  const auto got = system.ask("counter", "get", nullptr, 4s);
  EXPECT_EQ(got.command, "actor_has_failed") << got;
  EXPECT_NE(got.body.dump().find("quarantine"), std::string::npos) << got;
  EXPECT_LT(got.took, scaled(1000ms)) << "nobody waits for it";
  EXPECT_EQ(system.ask(head_node, "get_all_nodes").body, json{head_node});

  EXPECT_EQ(system.ask(head_node, "resume_process", {{"node", "nobody"}}).command, "process_is_not_resumed");
  EXPECT_EQ(system.ask(head_node, "resume_process").command, "bad_request");
  const auto resumed = system.ask(head_node, "resume_process", {{"node", node}}, 8s);
  EXPECT_EQ(resumed.command, "process_is_resumed") << resumed;
  EXPECT_EQ(count_of(system, "counter"), 7);
  EXPECT_EQ(system.ask(head_node, "resume_process", {{"node", node}}).command, "process_is_not_resumed");
  kill_and_await(system, node);
}

TEST(ProcessReturn, AProcessInQuarantineCanBeRemovedAndItsNameUsedAgain) {
  test_system system(with(quick(0)));
  const auto node = create_process(system, {{"name", "weak"}});
  system.create_actor(node, "counter", "Counter");
  kill_until(system, node, "quarantined");
  EXPECT_EQ(system.ask(head_node, "create_process", {{"name", "weak"}}).command, "process_is_not_created");
  EXPECT_EQ(system.ask(head_node, "remove_process", {{"node", node}}).command, "process_is_removed");
  EXPECT_EQ(create_process(system, {{"name", "weak"}}), node);
  EXPECT_EQ(system.ask("counter", "get").command, "actor_is_not_found");
}

TEST(ProcessReturn, WhatIsTemporaryDoesNotComeBack) {
  test_system system;
  const auto passing = create_process(system, {{"restart", "temporary"}});
  const auto lasting = system.create_process();
  system.create_actor(passing, "on_passing", "Echo");
  auto body = actor_body("passing", "Echo");
  body["supervision"] = {{"restart", "temporary"}};
  ASSERT_EQ(system.ask(lasting, "create_actor", body).command, "actor_is_created");
  system.create_actor(lasting, "lasting", "Echo");
  ASSERT_EQ(kill(system.pid_of(passing), SIGKILL), 0);
  EXPECT_TRUE(eventually(3s, [&] { return node_status(system, passing).is_null(); }));
  EXPECT_EQ(system.ask("on_passing", "who").command, "actor_is_not_found");
  kill_and_await(system, lasting);
  EXPECT_EQ(system.ask("passing", "who").command, "actor_is_not_found");
  EXPECT_EQ(system.ask("lasting", "who", nullptr, 6s).command, "here_is");
  EXPECT_EQ(system.ask(head_node, "create_process", {{"restart", "perhaps"}}).command, "bad_request");
}

TEST(ProcessReturn, AThousandActorsComeBackAndRemovedOnesDoNot) {
  test_system system;
  const auto node = system.create_process();
  json names = json::array();
  for (int i = 0; i < 3000; ++i) {
    names.push_back("many_" + std::to_string(i));
  }
  const json desc{{"requires_dist", "test_actors"}, {"class", "Counter"}};
  ASSERT_EQ(system.ask(node, "create_actors", {{"class_desc", desc}, {"names", names}}, 20s).command, "actors_are_created");
  ASSERT_EQ(system.ask(node, "remove_actor", {{"name", "many_17"}}).command, "actor_is_removed");
  kill_and_await(system, node);
  EXPECT_EQ(count_of(system, "many_2999"), 0);
  EXPECT_EQ(system.ask("many_17", "get").command, "actor_is_not_found");
  EXPECT_EQ(node_status(system, node).at("actors"), 3000) << "with the node's own name";
}

TEST(ProcessReturn, AnActorWhoseClassIsGoneIsReleasedAndTheOthersComeBack) {
  test_system system;
  const auto node = system.create_process();
  system.create_actor(node, "good", "Counter");
  system.create_actor(node, "bad", "Counter");
  keep_checkpoint(system, "bad", {{"value", "not a number"}});
  kill_and_await(system, node);
  EXPECT_EQ(count_of(system, "good"), 0);
  EXPECT_EQ(system.ask("bad", "get").command, "actor_is_not_found");
  system.create_actor(head_node, "bad", "Counter");
}

TEST(ProcessReturn, TheMainProcessComesBackWithItsActorsAndTheGateway) {
  test_system system;
  system.create_actor(head_node, "on_main", "Counter");
  system.create_actor(system.create_process(), "elsewhere", "Echo");
  keep_checkpoint(system, "on_main", {{"value", 9}});
  const pid_t before = system.pid_of(head_node);
  ASSERT_EQ(kill(before, SIGKILL), 0);
  const auto ready = [&] { return json::parse(read_text(system.state_dir() / "ready.json"), nullptr, false); };
  ASSERT_TRUE(eventually(8s, [&] { return ready().is_object() && ready()["api"] != system.ready()["api"]; }));
  const auto ask = [&](const char* to, const char* command) {
    const json question{{"type", "ask"}, {"recipient", to}, {"command", command}, {"body", nullptr}, {"timeout", 6}};
    const auto got = http_request(gateway_address::parse(ready()["api"].get<std::string>()),
                                  system.call("POST", "/api/v1/messages", question.dump()));
    return json::parse(got.body, nullptr, false);
  };
  const auto counted = ask("on_main", "get");
  EXPECT_EQ(counted.value("command", ""), "count") << counted;
  EXPECT_EQ(counted["body"], (json{{"value", 9}}));
  EXPECT_EQ(ask("elsewhere", "who").value("command", ""), "here_is");
  EXPECT_NE(system.pid_of(head_node), before);
  system.daemon().signal(SIGTERM);
  EXPECT_EQ(system.daemon().wait_exit(8s), (exit_state{false, 0}));
}

TEST(ProcessReturn, TheSystemEndsInOrderWhileAProcessIsStartedAgain) {
  test_system system(with(slow()));
  const auto node = system.create_process();
  kill_until(system, node, "restarting");
  const auto begin = clock::now();
  EXPECT_EQ(system.quit(), (exit_state{false, 0}));
  EXPECT_LT(since(begin), scaled(2000ms));
}

} // namespace
