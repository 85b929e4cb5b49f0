#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <future>

namespace {

using namespace system_test;

json counter_body(const std::string& name, const std::string& requirement) {
  return {{"class_desc", {{"requires_dist", requirement}, {"class", "Counter"}}}, {"name", name}};
}

TEST(AT6Packages, AHundredCreationsOfOnePackageAtOnceAllSucceed) {
  test_system system;
  const std::vector<std::string> nodes{head_node, system.create_process(), system.create_process()};
  std::vector<std::future<answer>> asked;
  for (int i = 0; i < 100; ++i) {
    asked.push_back(std::async(std::launch::async, [&, i] {
      return system.ask(nodes[static_cast<std::size_t>(i) % nodes.size()], "create_actor",
                        actor_body("dummy_" + std::to_string(i), "HelloWorld", "peacepie_example"), 20s);
    }));
  }
  for (auto& one : asked) {
    const auto got = one.get();
    EXPECT_EQ(got.command, "actor_is_created") << got;
  }
  for (int i = 0; i < 100; i += 11) {
    EXPECT_EQ(system.ask("dummy_" + std::to_string(i), "tick").command, "hello_world") << i;
  }
}

TEST(Packages, TwoVersionsWorkAtTheSameTimeInOneProcess) {
  test_system system;
  for (const auto& [name, requirement] : {std::pair{"old", "two_versions ==1.0.0"}, std::pair{"new", "two_versions"}}) {
    const auto made = system.ask(head_node, "create_actor", counter_body(name, requirement));
    ASSERT_EQ(made.command, "actor_is_created") << made;
    EXPECT_EQ(made.body.at("node"), head_node) << "both may live here";
  }
  for (int n = 1; n <= 3; ++n) {
    for (const auto& [name, version] : {std::pair{"old", "1.0.0"}, std::pair{"new", "2.0.0"}}) {
      const auto got = system.ask(name, "count");
      EXPECT_EQ(got.body, (json{{"version", version}, {"inline", n}, {"template", n}, {"function", n}})) << got;
    }
  }
}

TEST(Packages, AVersionThatCannotLiveHereGoesToASiblingAndThenToANewProcess) {
  test_system system;
  const auto sibling = system.create_process();
  auto got = system.ask(head_node, "create_actor", counter_body("one", "one_version ==1.0.0"), 20s);
  ASSERT_EQ(got.command, "actor_is_created") << got;
  EXPECT_EQ(got.body.at("node"), head_node);

  got = system.ask(head_node, "create_actor", counter_body("two", "one_version ==2.0.0"), 20s);
  ASSERT_EQ(got.command, "actor_is_created") << got;
  EXPECT_EQ(got.body.at("node"), sibling);
  EXPECT_EQ(system.ask("two", "count").body.at("version"), "2.0.0");

  // Now both processes have a version that hinders the other one; 1.0.0 asked for at the sibling finds the first.
  got = system.ask(sibling, "create_actor", counter_body("three", "one_version <2"), 20s);
  ASSERT_EQ(got.command, "actor_is_created") << got;
  EXPECT_EQ(got.body.at("node"), head_node);
  EXPECT_EQ(system.ask("three", "count").body.at("version"), "1.0.0");
}

TEST(Packages, AVersionThatFitsNowhereGetsANewProcessAndTheAnswerSaysSo) {
  test_system system;
  ASSERT_EQ(system.ask(head_node, "create_actor", counter_body("one", "one_version ==1.0.0")).command,
            "actor_is_created");
  const auto before = system.ask(head_node, "get_local_nodes").body.size();
  const auto got = system.ask(head_node, "create_actor", counter_body("two", "one_version ==2.0.0"), 20s);
  ASSERT_EQ(got.command, "actor_is_created") << got;
  EXPECT_NE(got.body.at("node"), head_node);
  EXPECT_NE(got.body.dump().find("new process"), std::string::npos) << got;
  EXPECT_EQ(system.ask(head_node, "get_local_nodes").body.size(), before + 1);
}

TEST(Packages, ACreationThatFailsSaysWhatIsWrong) {
  test_system system;
  const auto reason = [&](const json& class_desc) {
    const auto got = system.ask(head_node, "create_actor", {{"class_desc", class_desc}, {"name", "nobody"}});
    return got.command + " " + got.body.dump();
  };
  const auto has = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  has(reason({{"requires_dist", "peacepie_exmaple"}, {"class", "HelloWorld"}}), "did you mean peacepie_example");
  has(reason({{"requires_dist", "peacepie_example"}, {"class", "HelloWord"}}), "did you mean HelloWorld");
  has(reason({{"requires_dist", "peacepie_example >=9"}, {"class", "HelloWorld"}}), "0.2.0");
  has(reason({{"class", "HelloWorld"}}), "bad_request");
  has(reason({{"class", "HelloWorld"}}), "requires_dist");
  has(reason("peacepie_example"), "bad_request");
  EXPECT_EQ(system.ask("nobody", "tick").command, "actor_is_not_found");
}

} // namespace
