#include "tests/system/harness/raw_socket.hpp"
#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

namespace {

using namespace system_test;

constexpr std::size_t mib = 1u << 20;

/// `near_echo` relays from the main node to itself (local) or to `far_echo` (another process).
class AT14MessageSizes : public testing::Test {
protected:
  AT14MessageSizes() {
    system.create_actor(head_node, "relay", "Echo");
    system.create_actor(head_node, "local", "Echo");
    system.create_actor(system.create_process(), "remote", "Echo");
  }

  answer relay(const std::string& to, std::size_t size, bool text) const {
    return system.ask("relay", "relay_bytes", {{"to", to}, {"size", size}, {"text", text}, {"timeout", 25}}, 30s);
  }

  test_system system;
};

TEST_F(AT14MessageSizes, EveryBodyUpToTheLimitComesBackTheSameLocallyAndRemotely) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{255}, std::size_t{256}, std::size_t{65'535}, std::size_t{65'536},
        std::size_t{256 * 1024}, 1 * mib + 1, 16 * mib, 63 * mib}) {
    for (const bool text : {false, true}) {
      for (const auto* to : {"local", "remote"}) {
        SCOPED_TRACE(std::to_string(size) + (text ? " characters " : " bytes ") + to);
        const auto got = relay(to, size, text);
        ASSERT_EQ(got.command, "relayed") << got;
        EXPECT_EQ(got.body.at("command"), "echoed") << got;
        EXPECT_TRUE(got.body.at("same").get<bool>()) << got;
        EXPECT_EQ(got.body.at("type"), text ? "string" : "binary") << got;
      }
    }
  }
}

TEST_F(AT14MessageSizes, ABodyAboveTheLimitIsRefusedWithTheLimitInTheError) {
  for (const auto* to : {"local", "remote"}) {
    for (const std::size_t size : {64 * mib + 4096, 100 * mib}) {
      SCOPED_TRACE(std::to_string(size) + " " + to);
      const auto got = relay(to, size, false);
      ASSERT_EQ(got.command, "relayed") << got;
      EXPECT_NE(got.body.at("command"), "echoed") << got;
      EXPECT_NE(got.body.at("command"), "timer") << "a refusal is not a time-out: " << got;
      const auto text = got.body.dump();
      EXPECT_TRUE(text.find("64 MiB") != std::string::npos || text.find("67108864") != std::string::npos) << got;
    }
  }
  EXPECT_TRUE(relay("remote", 1000, false).body.at("same").get<bool>()) << "the link lives on";
}

TEST_F(AT14MessageSizes, BinaryValuesTravelThroughTheGatewayAsBase64) {
  const json bytes{{"$bytes", "AAECA/7/"}};
  for (const auto* to : {"local", "remote"}) {
    const auto got = system.ask(to, "echo", {{"data", bytes}, {"list", {1, 2.5, nullptr, true, "текст"}}});
    ASSERT_EQ(got.command, "echoed") << got;
    EXPECT_EQ(got.body, json({{"data", bytes}, {"list", {1, 2.5, nullptr, true, "текст"}}})) << to;
  }
}

TEST_F(AT14MessageSizes, TheGatewayTakesLargeBodiesAndRefusesTooLargeOnes) {
  const auto got = system.ask("remote", "echo", std::string(8 * mib, 'x'), 20s);
  ASSERT_EQ(got.command, "echoed") << got.problem;
  EXPECT_EQ(got.body.get_ref<const std::string&>().size(), 8 * mib);
  // Refused by its length, before the body was sent.
  auto client = raw_socket::tcp(system.gateway().port);
  client.write("POST /api/v1/messages HTTP/1.1\r\nHost: " + system.gateway().authority() +
               "\r\nAuthorization: Bearer " + system.token() +
               "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(200 * mib) + "\r\n\r\n{");
  const auto refused = client.read_until("\r\n\r\n", 5s);
  EXPECT_EQ(refused.rfind("HTTP/1.1 413", 0), 0u) << refused;
  EXPECT_EQ(system.ask("remote", "who").command, "here_is");
}

TEST_F(AT14MessageSizes, ALargeMessageDoesNotHoldUpSmallOnes) {
  system.create_actor(head_node, "second_relay", "Echo");
  std::thread large([this] { relay("remote", 60 * mib, false); });
  milliseconds slowest{0};
  for (int i = 0; i < 100; ++i) {
    const auto got =
      system.ask("second_relay", "forward_ask", {{"to", "local"}, {"command", "who"}, {"timeout", 3}}, 4s);
    slowest = std::max(slowest, got.took);
    ASSERT_EQ(got.command, "forwarded") << got;
    ASSERT_EQ(got.body.at("command"), "here_is") << got;
  }
  large.join();
  EXPECT_LT(slowest, scaled(1500ms));
}

} // namespace
