#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace {

using namespace system_test;

const json fragile_class{{"requires_dist", "test_actors"}, {"class", "Fragile"}};
const json restart_soon{{"on_failure", "restart"}, {"backoff_s", 0.02}};

system_options soon_stuck() {
  system_options out;
  out.config["supervision"]["stuck_after_s"] = 0.4;
  return out;
}

/// What tests of supervision ask.
class supervised_system : public test_system {
public:
  explicit supervised_system(system_options options = soon_stuck()) : test_system(std::move(options)) {}

  void create_fragile(const std::string& node, const std::string& name, const json& supervision) const {
    auto body = actor_body(name, "Fragile");
    body["supervision"] = supervision;
    const auto got = ask(node, "create_actor", body);
    EXPECT_EQ(got.command, "actor_is_created") << got;
  }
  json report(const std::string& name) const {
    const auto got = ask(head_node, "get_supervision", {{"entity", name}});
    EXPECT_EQ(got.command, "supervision") << got;
    return got.is("supervision") && !got.body["actors"].empty() ? got.body["actors"][0] : json::object();
  }
  bool becomes(const std::string& name, const std::string& state, milliseconds limit = 5s) const {
    return eventually(limit, [&] { return report(name).value("state", "") == state; });
  }
  int count_of(const std::string& name) const {
    const auto got = ask(name, "get");
    EXPECT_EQ(got.command, "count") << got;
    return got.is("count") ? got.body["value"].get<int>() : -1;
  }
  /// The messages of one command that a collector got.
  std::vector<json> collected(const std::string& collector, const std::string& command) const {
    std::vector<json> all;
    const auto got = ask(collector, "collected");
    EXPECT_EQ(got.command, "collected") << got;
    for (const auto& one : got.is("collected") ? got.body["messages"] : json::array()) {
      if (one["command"] == command) {
        all.push_back(one["body"]);
      }
    }
    return all;
  }
};

class Supervision : public testing::Test {
protected:
  Supervision() {
    node = system.create_process();
    other = system.create_process();
  }

  supervised_system system;
  std::string node;
  std::string other;
};

using Watching = Supervision;

TEST_F(Supervision, AThrowIsAnsweredAndTheActorComesBackFromItsCheckpoint) {
  system.create_fragile(node, "weak", restart_soon);
  system.set_params("weak", {{"word", "kept"}});
  EXPECT_EQ(system.ask("weak", "add").command, "count");
  EXPECT_EQ(system.ask("weak", "keep").command, "kept");
  EXPECT_EQ(system.ask("weak", "add").command, "count");
  for (const auto* way : {"throw", "throw_later"}) {
    const auto got = system.ask("weak", way, {{"reason", "too much"}});
    EXPECT_EQ(got.command, "actor_has_failed") << got;
    EXPECT_EQ(got.body.value("reason", ""), "too much") << got;
    EXPECT_EQ(system.count_of("weak"), 1) << way;
  }
  EXPECT_NE(system.ask("weak", "get_params").body.dump().find("kept"), std::string::npos);
  const auto said = system.report("weak");
  EXPECT_EQ(said["state"], "running") << said;
  EXPECT_EQ(said["restarts"], 2) << said;
  EXPECT_EQ(said["errors"].size(), 2u) << said;
  EXPECT_EQ(said["node"], node) << said;
}

TEST_F(Supervision, WithoutAWordAnActorGoesOnAsItIs) {
  system.create_actor(node, "plain", "Fragile");
  EXPECT_EQ(system.ask("plain", "throw").command, "actor_has_failed");
  EXPECT_EQ(system.count_of("plain"), -1000) << "with its state as it is";
  EXPECT_EQ(system.report("plain")["restarts"], 0);
}

TEST_F(Supervision, TheSixthThrowLeadsToQuarantineThatIsSeenAndEnded) {
  system.create_fragile(node, "weak", restart_soon);
  system.set_params("weak", {{"word", "kept"}});
  for (int i = 0; i < 6; ++i) {
    ASSERT_EQ(system.ask("weak", "throw", {{"reason", "number " + std::to_string(i)}}).command, "actor_has_failed") << i;
  }
  ASSERT_TRUE(system.becomes("weak", "quarantined")) << system.report("weak");
  const auto refused = system.ask("weak", "get");
  EXPECT_EQ(refused.command, "actor_has_failed") << refused;
  EXPECT_NE(refused.body.dump().find("is in quarantine: throw: number 5"), std::string::npos) << refused;
  const auto listed = system.ask(node, "get_members", {{"level", "actors"}, {"page_size", 10}});
  EXPECT_NE(listed.body.dump().find(R"("state":"quarantined")"), std::string::npos) << listed;
  EXPECT_EQ(system.ask(head_node, "restart_actor", {{"name", "weak"}}).command, "actor_is_not_restarted");
  // Any admin takes the order.
  const auto resumed = system.ask(other, "resume_actor", {{"name", "weak"}});
  EXPECT_EQ(resumed.command, "actor_is_resumed") << resumed;
  EXPECT_EQ(system.ask(other, "resume_actor", {{"name", "weak"}}).command, "actor_is_not_resumed");
  EXPECT_NE(system.ask("weak", "get_params").body.dump().find("kept"), std::string::npos);
  EXPECT_EQ(system.count_of("weak"), 0);
}

TEST_F(Supervision, StopFreesTheName) {
  system.create_fragile(node, "once", {{"on_failure", "stop"}});
  EXPECT_EQ(system.ask("once", "throw").command, "actor_has_failed");
  EXPECT_TRUE(eventually(5s, [this] { return system.ask("once", "get").is("actor_is_not_found"); }));
  system.create_fragile(other, "once", {{"on_failure", "stop"}});
}

TEST_F(Supervision, RestartByHandReachesTheActorThroughEveryAdmin) {
  system.create_actor(node, "weak", "Fragile");
  for (const auto& admin : {head_node, node, other}) {
    ASSERT_EQ(system.ask("weak", "add").command, "count");
    const auto got = system.ask(admin, "restart_actor", {{"name", "weak"}});
    EXPECT_EQ(got.command, "actor_is_restarted") << admin << got;
    EXPECT_EQ(system.count_of("weak"), 0) << admin;
  }
  for (const auto& admin : {head_node, node}) {
    EXPECT_EQ(system.ask(admin, "restart_actor", {{"name", "nobody"}}).command, "actor_is_not_restarted");
    EXPECT_EQ(system.ask(admin, "get_supervision", {{"entity", "nobody"}}).command, "actor_is_not_found");
  }
}

TEST_F(Supervision, AWrongSpecificationIsRefusedWithItsField) {
  auto body = actor_body("weak", "Fragile");
  body["supervision"] = {{"on_failure", "explode"}};
  const auto got = system.ask(node, "create_actor", body);
  EXPECT_EQ(got.command, "bad_request") << got;
  EXPECT_EQ(got.body.value("field", ""), "supervision.on_failure") << got;
  EXPECT_EQ(system.ask("weak", "get").command, "actor_is_not_found");
}

TEST_F(Supervision, AHandlerThatDoesNotEndIsShownAsStuckWhileItIs) {
  system.create_actor(node, "busy", "Echo");
  system.create_actor(node, "waiting", "Echo");
  EXPECT_LT(system.send("busy", "block_for", {{"seconds", 4}}).status, 300);
  EXPECT_LT(system.send("waiting", "sleep_for", {{"seconds", 4}}).status, 300);
  const auto all_stuck = [this] {
    const auto got = system.ask(head_node, "get_supervision").body.dump();
    return got.find("block_for") != std::string::npos && got.find("sleep_for") != std::string::npos;
  };
  EXPECT_TRUE(eventually(5s, all_stuck)) << system.ask(head_node, "get_supervision");
  EXPECT_EQ(system.report("busy")["state"], "stuck");
  EXPECT_GE(system.report("busy").value("since_s", 0.0), 0.4);
  const auto refused = system.ask(node, "restart_actor", {{"name", "busy"}}, 500ms);
  EXPECT_EQ(refused.command, "actor_is_not_restarted") << refused;
  EXPECT_NE(refused.body.dump().find("block_for"), std::string::npos) << refused;
  EXPECT_TRUE(system.becomes("waiting", "running", 10s));
  EXPECT_TRUE(system.becomes("busy", "running", 10s));
}

TEST_F(Watching, RemovalAndStopAreTold) {
  system.create_actor(other, "collector", "Collector");
  system.create_actor(node, "first", "Fragile");
  system.create_fragile(node, "second", {{"on_failure", "stop"}});
  EXPECT_EQ(system.ask("collector", "mourn", {{"entity", "first"}}).command, "mourns");
  EXPECT_TRUE(eventually(5s, [this] { return system.collected("collector", "watching").size() == 1; }));
  // By hand, at any admin, for somebody else.
  for (const auto& admin : {head_node, node}) {
    const auto got = system.ask(admin, "watch", {{"entity", "second"}, {"watcher", "collector"}});
    EXPECT_EQ(got.command, "watching") << admin << got;
  }
  EXPECT_EQ(system.ask(node, "watch", {{"entity", "nobody"}, {"watcher", "collector"}}).command, "actor_is_not_found");
  EXPECT_EQ(system.ask(node, "watch", {{"entity", "first"}}).command, "bad_request");
  EXPECT_EQ(system.ask(node, "remove_actor", {{"name", "first"}}).command, "actor_is_removed");
  EXPECT_EQ(system.ask("second", "throw", {{"reason", "enough"}}).command, "actor_has_failed");
  EXPECT_TRUE(eventually(5s, [this] { return system.collected("collector", "actor_is_down").size() == 2; }));
  const auto notices = system.collected("collector", "actor_is_down");
  ASSERT_EQ(notices.size(), 2u);
  EXPECT_EQ(notices[0], (json{{"entity", "first"}, {"node", node}, {"reason", "it was removed"}, {"will_restart", false}}));
  EXPECT_EQ(notices[1]["reason"], "it failed in throw: enough");
}

TEST_F(Watching, UnwatchEndsIt) {
  system.create_actor(other, "collector", "Collector");
  system.create_actor(node, "first", "Fragile");
  const json both{{"entity", "first"}, {"watcher", "collector"}};
  EXPECT_EQ(system.ask(node, "watch", both).command, "watching");
  EXPECT_EQ(system.ask(head_node, "unwatch", both).body, (json{{"entity", "first"}, {"was_watched", true}}));
  EXPECT_EQ(system.ask(head_node, "unwatch", both).body, (json{{"entity", "first"}, {"was_watched", false}}));
  EXPECT_EQ(system.ask(node, "remove_actor", {{"name", "first"}}).command, "actor_is_removed");
  EXPECT_EQ(system.ask(node, "watch", both).command, "actor_is_not_found");
  EXPECT_TRUE(system.collected("collector", "actor_is_down").empty());
}

TEST_F(Watching, TheDeathOfAProcessIsToldWithWhatComesBack) {
  system.create_actor(other, "collector", "Collector");
  system.create_actor(node, "steady", "Fragile");
  system.create_fragile(node, "passing", {{"restart", "temporary"}});
  for (const auto& entity : {std::string{"steady"}, std::string{"passing"}, node}) {
    EXPECT_EQ(system.ask("collector", "mourn", {{"entity", entity}}).command, "mourns");
  }
  EXPECT_TRUE(eventually(5s, [this] { return system.collected("collector", "watching").size() == 3; }));
  for (std::size_t death = 1; death <= 2; ++death) {
    ASSERT_EQ(kill(system.pid_of(node), SIGKILL), 0);
    EXPECT_TRUE(eventually(10s, [&] { return system.collected("collector", "node_is_down").size() == death; }));
    const auto nodes = system.collected("collector", "node_is_down");
    ASSERT_EQ(nodes.size(), death);
    EXPECT_EQ(nodes.back()["node"], node);
    EXPECT_EQ(nodes.back()["will_restart"], true) << nodes.back();
    EXPECT_TRUE(eventually(10s, [&] { return system.ask("steady", "get").is("count"); })) << static_cast<const test_system&>(system).report();
    std::map<std::string, std::vector<bool>> told;
    for (const auto& one : system.collected("collector", "actor_is_down")) {
      told[one["entity"]].push_back(one["will_restart"]);
      EXPECT_NE(one["reason"].get<std::string>().find("lost with its process"), std::string::npos) << one;
    }
    EXPECT_EQ(told["steady"], std::vector<bool>(death, true)) << "its watch stays";
    EXPECT_EQ(told["passing"], std::vector<bool>{false}) << "gone for good, told once";
  }
}

/// Three groups of the configuration, their actors over two processes.
TEST(SupervisedGroups, EachStrategyRestartsItsSetOverProcesses) {
  auto options = soon_stuck();
  options.config["processes"] = {{{"name", "one"}}, {{"name", "two"}}};
  options.config["actors"] = json::array();
  options.config["groups"] = json::array();
  for (const std::string strategy : {"one_for_one", "one_for_all", "rest_for_one"}) {
    json members = json::array();
    for (const std::string letter : {"a", "b", "c"}) {
      const auto name = strategy + "_" + letter;
      members.push_back(name);
      options.config["actors"].push_back({{"name", name},
                                          {"node", letter == "b" ? "first.one.admin" : "first.two.admin"},
                                          {"class_desc", fragile_class},
                                          {"supervision", {{"backoff_s", 0.02}}}});
    }
    options.config["groups"].push_back({{"name", strategy}, {"strategy", strategy}, {"actors", members}});
  }
  const supervised_system system(options);
  const std::map<std::string, std::string> restarted{{"one_for_one", "b"}, {"one_for_all", "abc"}, {"rest_for_one", "bc"}};
  for (const auto& [strategy, letters] : restarted) {
    for (const std::string letter : {"a", "b", "c"}) {
      ASSERT_EQ(system.ask(strategy + "_" + letter, "add").command, "count");
    }
    ASSERT_EQ(system.ask(strategy + "_b", "throw").command, "actor_has_failed");
    for (const std::string letter : {"a", "b", "c"}) {
      const auto name = strategy + "_" + letter;
      const bool expected = letters.find(letter) != std::string::npos;
      if (expected) {
        EXPECT_TRUE(eventually(5s, [&] { return system.report(name)["restarts"] == 1; })) << system.report(name);
      }
      EXPECT_EQ(system.count_of(name), expected ? 0 : 1) << name;
    }
  }
  // Nobody is restarted for a restart that a group made.
  for (const auto& [strategy, letters] : restarted) {
    for (const std::string letter : {"a", "b", "c"}) {
      const bool expected = letters.find(letter) != std::string::npos;
      EXPECT_EQ(system.report(strategy + "_" + letter)["restarts"], expected ? 1 : 0) << strategy << letter;
    }
  }
}

} // namespace
