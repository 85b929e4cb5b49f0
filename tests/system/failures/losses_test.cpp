// What the system says of messages that may have died with a process.
#include "tests/system/failures/comeback.hpp"

namespace {

using namespace system_test;

constexpr std::uint64_t batch = 128; ///< that many messages are confirmed together

class Losses : public testing::Test {
protected:
  Losses() {
    near_ = system.create_process();
    far_ = system.create_process();
    system.create_actor(near_, "sender", "Echo");
    system.create_actor(far_, "blocked", "Echo");
    system.create_actor(far_, "quick", "Counter");
  }

  void send_from_near(const std::string& to, const std::string& command, const json& body, int times) const {
    const auto got = system.ask("sender", "forward_send", {{"to", to}, {"command", command}, {"body", body}, {"times", times}});
    ASSERT_EQ(got.command, "sent") << got;
    ASSERT_EQ(got.body.at("accepted"), times);
  }

  /// By recipient.
  std::map<std::string, std::uint64_t> losses() const {
    const auto got = system.ask(head_node, "get_losses");
    EXPECT_EQ(got.command, "losses") << got;
    return got.body.at("recipients").get<std::map<std::string, std::uint64_t>>();
  }

  test_system system;
  std::string near_;
  std::string far_;
};

TEST_F(Losses, WhatWaitsInAProcessThatDiesIsReportedWithItsRecipient) {
  send_from_near("blocked", "block_for", {{"seconds", 60}}, 1);
  send_from_near("blocked", "echo", nullptr, 40);
  send_from_near("quick", "add", nullptr, 5000);
  EXPECT_TRUE(eventually(4s, [&] { return count_of(system, "quick") == 5000; }));
  // What was worked off is known as such soon; only the rest is in doubt.
  EXPECT_TRUE(losses().empty());
  const auto clear = [&] {
    const auto got = system.ask(near_, "get_metrics").body;
    return got.at("messages_unconfirmed").get<std::uint64_t>() < 41 + batch;
  };
  EXPECT_TRUE(eventually(4s, clear)) << system.ask(near_, "get_metrics");
  kill_and_await(system, far_);
  EXPECT_TRUE(eventually(4s, [&] { return losses()["blocked"] == 41; })) << system.ask(head_node, "get_losses");
  EXPECT_LT(losses()["quick"], batch);
  const auto letters = system.ask(near_, "get_dead_letters").body;
  EXPECT_EQ(letters.at("in_doubt").at("newest").at(0),
            (json{{"node", far_}, {"recipient", "blocked"}, {"count", 41}}));
  system.expect_killed();
}

TEST_F(Losses, AProcessThatEndsInOrderLeavesNothingInDoubt) {
  send_from_near("quick", "add", nullptr, 100);
  EXPECT_TRUE(eventually(4s, [&] { return count_of(system, "quick") == 100; }));
  ASSERT_EQ(system.ask(head_node, "remove_process", {{"node", far_}}, 8s).command, "process_is_removed");
  EXPECT_TRUE(losses().empty()) << system.ask(head_node, "get_losses");
  EXPECT_EQ(system.ask(near_, "get_metrics").body.at("messages_in_doubt"), 0);
}

} // namespace
