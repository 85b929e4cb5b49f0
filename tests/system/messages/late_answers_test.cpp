#include "tests/system/harness/proc_table.hpp"
#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

namespace {

using namespace system_test;

class AT17Answers : public testing::Test {
protected:
  AT17Answers() {
    node = system.create_process();
    system.create_actor(head_node, "asker", "Echo");
    system.create_actor(head_node, "late_here", "LateAnswerer");
    system.create_actor(node, "late_there", "LateAnswerer");
  }

  answer from_asker(const std::string& to, const std::string& command, const json& body, double timeout) const {
    return system.ask("asker", "forward_ask", {{"to", to}, {"command", command}, {"body", body}, {"timeout", timeout}},
                      10s);
  }

  test_system system;
  std::string node;
};

TEST_F(AT17Answers, ALateAnswerIsDroppedAndNeverTakenForAnother) {
  for (const auto* late : {"late_here", "late_there"}) {
    for (int i = 0; i < 8; ++i) {
      const auto timed_out = from_asker(late, "answer_after", {{"seconds", 0.3}, {"body", "late"}}, 0.02);
      ASSERT_EQ(timed_out.body.at("command"), "timer") << timed_out;
      // While the late answer comes, the next questions get their own answers.
      const auto next = from_asker(late, "answer_after", {{"seconds", 0.35}, {"body", i}}, 3);
      ASSERT_EQ(next.body.at("command"), "late") << next;
      ASSERT_EQ(next.body.at("body"), i) << next;
    }
  }
}

TEST_F(AT17Answers, OnlyTheFirstOfTwoAnswersCounts) {
  for (const auto* late : {"late_here", "late_there"}) {
    for (int i = 0; i < 20; ++i) {
      ASSERT_EQ(from_asker(late, "answer_twice", nullptr, 3).body.at("command"), "first");
      ASSERT_EQ(from_asker("asker_is_not_there", "x", nullptr, 3).body.at("command"), "actor_is_not_found");
    }
  }
}

TEST_F(AT17Answers, ADroppedPromiseIsAnswered) {
  for (const auto* late : {"late_here", "late_there"}) {
    const auto got = from_asker(late, "drop", nullptr, 3);
    EXPECT_EQ(got.body.at("command"), "actor_has_failed") << got;
  }
}

TEST_F(AT17Answers, AnswersToDeadAsksCostNothing) {
  const auto stray = [&](int times) {
    for (const json& to : {json({{"node", node}, {"entity", "_123456789"}}), json("_987654321"),
                           json({{"node", head_node}, {"entity", "_1"}})}) {
      const auto sent = system.ask("asker", "forward_send", {{"to", to}, {"command", "late"}, {"times", times}}, 20s);
      ASSERT_EQ(sent.command, "sent") << sent;
    }
    // The receivers have seen them all when a message sent later is answered.
    ASSERT_EQ(system.ask("late_there", "answer_twice").command, "first");
    ASSERT_EQ(system.ask("late_here", "answer_twice").command, "first");
  };
  stray(10'000);
  const long before_main = resident_kib(system.pid_of(head_node));
  const long before_node = resident_kib(system.pid_of(node));
  stray(30'000);
  EXPECT_LT(resident_kib(system.pid_of(head_node)), before_main + 8 * 1024);
  EXPECT_LT(resident_kib(system.pid_of(node)), before_node + 8 * 1024);
  const auto begin = clock::now();
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(from_asker("late_there", "answer_twice", nullptr, 3).body.at("command"), "first");
  }
  EXPECT_LT(since(begin), scaled(2000ms));
}

TEST_F(AT17Answers, ActorsThatWaitForEachOtherAreToldSoAtOnce) {
  system.create_actor(node, "other", "Echo");
  const json inner{{"to", "asker"}, {"command", "who"}, {"timeout", 8}};
  const auto got = from_asker("other", "forward_ask", inner, 8);
  ASSERT_EQ(got.command, "forwarded") << got;
  EXPECT_LT(got.took, scaled(1000ms)) << got;
  const auto text = got.body.dump();
  EXPECT_NE(text.find("asker"), std::string::npos) << got;
  EXPECT_NE(text.find("other"), std::string::npos) << got;
  EXPECT_EQ(system.ask("asker", "who").command, "here_is");
}

TEST_F(AT17Answers, AHandlerThatThrowsIsAFailureWithItsReason) {
  system.create_actor(node, "thrower", "Thrower");
  for (const auto* command : {"throw", "throw_later", "throw_number"}) {
    const auto got = system.ask("thrower", command);
    EXPECT_EQ(got.command, "actor_has_failed") << command << got;
  }
  EXPECT_NE(system.ask("thrower", "throw").body.dump().find("thrown on purpose"), std::string::npos);
  EXPECT_EQ(system.ask("thrower", "well").command, "well");
}

TEST_F(AT17Answers, AGroupAskReturnsEveryAnswerWithItsRecipient) {
  const json to{"late_here", "nobody", "asker", "late_there", node};
  system.create_actor(node, "group_asker", "Echo");
  const auto got =
    system.ask("group_asker", "forward_asks", {{"to", to}, {"command", "answer_twice"}, {"timeout", 2}}, 5s);
  ASSERT_EQ(got.command, "forwarded") << got;
  const auto& answers = got.body.at("answers");
  ASSERT_EQ(answers.size(), to.size()) << got;
  const std::vector<std::string> wanted{"first", "actor_is_not_found", "is_not_handled", "first", "is_not_handled"};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(answers[i].at("command"), wanted[i]) << got;
    EXPECT_NE(answers[i].at("recipient").dump().find(to[i].get<std::string>()), std::string::npos) << got;
  }
}

} // namespace
