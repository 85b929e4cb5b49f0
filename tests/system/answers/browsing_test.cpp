#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

namespace {

using namespace system_test;

json names_of(const answer& got) {
  json out = json::array();
  for (const auto& member : got.body.value("members", json::array())) {
    out.push_back(member.at("id"));
  }
  return out;
}

answer members(const test_system& system, const json& to, json body) {
  body.emplace("page_size", 5);
  auto got = system.ask(to, "get_members", body);
  EXPECT_EQ(got.command, "members") << got;
  return got;
}

TEST(AT18Browsing, TheFiveLevelsLeadFromTheHeadToAnActor) {
  test_system system;
  const auto node = system.create_process();
  system.create_actor(node, "b", "Echo");
  system.create_actor(node, "a", "Echo");

  auto got = members(system, head_node, json::object());
  EXPECT_EQ(got.body.at("level"), "head");
  EXPECT_FALSE(got.body.contains("_back"));
  ASSERT_EQ(got.body.at("members").size(), 1u) << got;
  EXPECT_EQ(got.body["members"][0], json({{"next_level", "prime"}, {"recipient", head_node}, {"id", head_node}}));

  got = members(system, head_node, {{"level", "prime"}, {"id", head_node}});
  EXPECT_EQ(names_of(got), json({head_node}));
  EXPECT_EQ(got.body.at("members")[0].at("next_level"), "process");
  EXPECT_EQ(got.body.at("_back").at("next_level"), "head");

  got = members(system, head_node, {{"level", "process"}, {"id", head_node}});
  EXPECT_EQ(names_of(got), json({head_node, node}));
  for (const auto& member : got.body["members"]) {
    EXPECT_EQ(member.at("next_level"), "actors");
    EXPECT_EQ(member.at("recipient"), member.at("id"));
  }
  EXPECT_EQ(got.body.at("_back").at("next_level"), "prime");

  got = members(system, node, {{"level", "actors"}, {"id", node}});
  EXPECT_EQ(names_of(got), json({node, "a", "b"}));
  EXPECT_EQ(got.body["members"][1], json({{"next_level", "actor"}, {"recipient", node}, {"id", "a"}}));
  EXPECT_EQ(got.body.at("_back"), json({{"next_level", "process"}, {"recipient", head_node}, {"id", "_back"}}));

  got = members(system, node, {{"level", "actor"}, {"id", "a"}});
  EXPECT_EQ(got.body.at("members"), json::array({{{"next_level", nullptr}, {"recipient", nullptr}, {"id", "a"}}}));
  EXPECT_EQ(got.body.at("_back").at("next_level"), "actors");
}

TEST(AT18Browsing, PagesAreCutAfterSortingAndNavigated) {
  test_system system;
  const auto node = system.create_process();
  json wanted{node};
  json names = json::array();
  for (int i = 0; i < 11; ++i) {
    names.push_back("member_" + std::to_string(10 + i));
    wanted.push_back(names.back());
  }
  const auto made =
    system.ask(node, "create_actors",
               {{"class_desc", {{"requires_dist", "test_actors"}, {"class", "Counter"}}}, {"names", names}});
  ASSERT_EQ(made.command, "actors_are_created") << made;
  json seen = json::array();
  for (int page = 0; page < 3; ++page) {
    const auto got = members(system, node, {{"level", "actors"}, {"id", "_page_" + std::to_string(page)}});
    EXPECT_EQ(got.body.at("nav"), json({{"next_level", "actors"}, {"recipient", node}, {"count", 3}, {"page", page}}));
    for (const auto& id : names_of(got)) {
      seen.push_back(id);
    }
  }
  EXPECT_EQ(seen, wanted);
  EXPECT_FALSE(members(system, node, {{"level", "actors"}, {"page_size", 50}}).body.contains("nav"));
}

TEST(AT18Browsing, SubscribersAreNotifiedOfHandledCommandsOnly) {
  test_system system;
  const auto node = system.create_process();
  system.create_actor(node, "watched", "Echo");
  system.create_actor(head_node, "watcher", "Collector");
  ASSERT_EQ(system.ask("watcher", "follow", {{"to", "watched"}, {"command", "echo"}}).command, "follows");
  const auto collected = [&] { return system.ask("watcher", "collected").body.at("messages"); };
  ASSERT_TRUE(eventually(3s, [&] { return collected().dump().find("subscribed") != std::string::npos; }))
    << collected();
  ASSERT_EQ(system.ask("watcher", "clear").command, "cleared");

  ASSERT_EQ(system.ask("watched", "echo", "seen").command, "echoed");
  ASSERT_EQ(system.ask("watched", "who").command, "here_is");
  ASSERT_TRUE(eventually(3s, [&] { return !collected().empty(); }));
  const auto got = collected();
  ASSERT_EQ(got.size(), 1u) << got;
  EXPECT_EQ(got[0].at("command"), "notification");
  EXPECT_EQ(got[0].at("body").at("command"), "echo") << "the whole message: " << got;
  EXPECT_EQ(got[0].at("body").at("body"), "seen");

  ASSERT_EQ(system.ask("watcher", "unfollow", {{"to", "watched"}, {"command", "echo"}}).command, "follows");
  ASSERT_TRUE(eventually(3s, [&] { return collected().dump().find("unsubscribed") != std::string::npos; }))
    << collected();
  ASSERT_EQ(system.ask("watcher", "clear").command, "cleared");
  ASSERT_EQ(system.ask("watched", "echo", "unseen").command, "echoed");
  ASSERT_EQ(system.ask("watched", "who").command, "here_is");
  EXPECT_EQ(collected().dump().find("unseen"), std::string::npos);
}

} // namespace
