#include "tests/system/harness/latency_watch.hpp"
#include "tests/system/harness/proc_table.hpp"
#include "tests/system/harness/raw_socket.hpp"
#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <random>

namespace {

using namespace system_test;

std::string noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string out(size, '\0');
  for (auto& c : out) {
    c = static_cast<char>(random());
  }
  return out;
}

/// What a stranger may say first.
std::vector<std::string> openings() {
  std::vector<std::string> all{
    "GET / HTTP/1.1\r\n\r\n",
    std::string(4, '\xff'),                     // a length of 4 GiB
    std::string("\x00\x00\x00\x80", 4) + "abc", // 2 GiB in one byte order
    std::string("\x80\x00\x00\x00", 4) + "abc", // and in the other
    std::string("\x7f\xff\xff\xff", 4),
    std::string(64, '\0'),
    std::string(1 << 20, '\0'),
    "\x16\x03\x01\x02\x00\x01\x00",
    "CAF",
  };
  for (unsigned seed = 0; seed < 24; ++seed) {
    all.push_back(noise(1 + seed * seed * 40, seed));
  }
  return all;
}

class HostileBytes : public testing::Test {
protected:
  HostileBytes() {
    node = system.create_process();
    system.create_actor(node, "resident", "Echo");
    system.create_actor(head_node, "local", "Echo");
  }

  /// Listening unix sockets of the system.
  std::vector<std::string> unix_sockets() const {
    auto all = sockets_below(system.folder().path());
    for (auto& more : sockets_below(system.state_dir())) {
      all.push_back(more);
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }

  long memory() const {
    return resident_kib(system.daemon().pid()) + resident_kib(system.pid_of(head_node)) +
           resident_kib(system.pid_of(node));
  }

  test_system system;
  std::string node;
};

TEST_F(HostileBytes, StrangersOnTheUnixSocketsHarmNobody) {
  const auto sockets = unix_sockets();
  ASSERT_FALSE(sockets.empty()) << "no listening socket was found below " << system.folder().path();
  latency_watch watch(everyday_probes(system, node, "resident"));
  const long before = memory();
  for (const auto& socket : sockets) {
    std::vector<raw_socket> held;
    for (const auto& bytes : openings()) {
      auto stranger = raw_socket::unix_path(socket);
      if (stranger.is_open()) {
        stranger.write(bytes);
        held.push_back(std::move(stranger));
      }
    }
    EXPECT_FALSE(held.empty()) << "nobody listens on " << socket;
    for (auto& stranger : held) {
      stranger.half_close();
    }
    for (const auto& stranger : held) {
      EXPECT_TRUE(stranger.is_closed_within(10s)) << "a stranger is kept on " << socket;
    }
  }
  watch.stop();
  EXPECT_TRUE(watch.wrong().empty()) << watch.wrong().front();
  EXPECT_LT(watch.slowest(), scaled(1000ms)) << watch.slowest_what();
  EXPECT_LT(memory(), before + 64 * 1024) << "a length of 2 GiB takes no memory";
}

TEST_F(HostileBytes, SilentStrangersDoNotKeepAPlaceForEver) {
  const auto sockets = unix_sockets();
  ASSERT_FALSE(sockets.empty());
  std::vector<raw_socket> silent;
  for (int i = 0; i < 50; ++i) {
    silent.push_back(raw_socket::unix_path(sockets[static_cast<std::size_t>(i) % sockets.size()]));
  }
  EXPECT_EQ(system.ask("resident", "who").command, "here_is");
  EXPECT_NE(system.create_process(), "");
  int closed = 0;
  for (const auto& stranger : silent) {
    closed += !stranger.is_open() || stranger.is_closed_within(12s) ? 1 : 0;
  }
  EXPECT_EQ(closed, 50);
}

TEST_F(HostileBytes, GarbageOnTheGatewayIsRefusedAndEverythingGoesOn) {
  latency_watch watch(everyday_probes(system, node, "resident"));
  const long before = memory();
  for (const auto& bytes : openings()) {
    auto stranger = raw_socket::tcp(system.gateway().port);
    ASSERT_TRUE(stranger.is_open());
    stranger.write(bytes);
    stranger.half_close();
    EXPECT_TRUE(stranger.is_closed_within(35s)) << "after " << bytes.substr(0, 20);
  }
  watch.stop();
  EXPECT_TRUE(watch.wrong().empty()) << watch.wrong().front();
  EXPECT_LT(memory(), before + 64 * 1024);
}

TEST_F(HostileBytes, WrongHttpIsAnsweredWithAnError) {
  const std::string host = "Host: 127.0.0.1:" + std::to_string(system.gateway().port) + "\r\n";
  const std::string token = "Authorization: Bearer " + system.token() + "\r\n";
  const std::vector<std::pair<std::string, std::string>> requests{
    {"no Host", "GET /api/v1/status HTTP/1.1\r\n" + token + "\r\n"},
    {"two Hosts", "GET /api/v1/status HTTP/1.1\r\n" + host + host + token + "\r\n"},
    {"another Host", "GET /api/v1/status HTTP/1.1\r\nHost: evil.example\r\n" + token + "\r\n"},
    {"another Origin",
     "POST /api/v1/messages HTTP/1.1\r\n" + host + token +
       "Origin: http://evil.example\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"},
    {"a cross-site fetch", "GET /api/v1/status HTTP/1.1\r\n" + host + token + "Sec-Fetch-Site: cross-site\r\n\r\n"},
    {"an unknown transfer coding",
     "POST /api/v1/messages HTTP/1.1\r\n" + host + token + "Transfer-Encoding: gzip\r\n\r\nabc"},
    {"both lengths", "POST /api/v1/messages HTTP/1.1\r\n" + host + token +
                       "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"a folded header", "GET /api/v1/status HTTP/1.1\r\n" + host + token + "X-A: one\r\n two\r\n\r\n"},
    {"a huge length", "POST /api/v1/messages HTTP/1.1\r\n" + host + token + "Content-Length: 99999999999\r\n\r\n"},
    {"a huge header",
     "GET /api/v1/status HTTP/1.1\r\n" + host + token + "X-A: " + std::string(1 << 20, 'a') + "\r\n\r\n"},
  };
  for (const auto& [what, bytes] : requests) {
    auto client = raw_socket::tcp(system.gateway().port);
    client.write(bytes);
    const auto got = client.read_until("\r\n\r\n", 5s);
    EXPECT_TRUE(got.rfind("HTTP/1.1 4", 0) == 0 || got.rfind("HTTP/1.1 501", 0) == 0)
      << what << " was answered: " << got.substr(0, 200);
  }
  EXPECT_EQ(system.http("GET", "/api/v1/status").status, 200);
}

TEST_F(HostileBytes, BadJsonIsABadRequestAndNothingMore) {
  std::string deep(200'000, '[');
  const std::vector<std::string> bodies{"",
                                        "{",
                                        "[]",
                                        "nul",
                                        "{\"recipient\":",
                                        "\"text\"",
                                        "\xff\xfe",
                                        "{\"command\":\"\xc3\x28\"}",
                                        "{\"command\":\"\\ud800\"}",
                                        "{\"a\":1,}",
                                        "{'a':1}",
                                        "1e400000",
                                        std::string("{\"command\":\"x\0y\"}", 17),
                                        deep,
                                        "{\"command\":" + deep + std::string(200'000, ']') + "}",
                                        "{\"command\":5}",
                                        "{\"command\":null}",
                                        "{\"recipient\":5,\"command\":\"who\"}",
                                        "{\"recipient\":{\"node\":5},\"command\":\"who\"}",
                                        "{\"recipient\":\"resident\",\"command\":\"who\",\"timeout\":-1e999}",
                                        "{\"type\":\"shout\",\"recipient\":\"resident\",\"command\":\"who\"}"};
  for (const auto& body : bodies) {
    const auto got = system.http("POST", "/api/v1/messages", body.empty() ? " " : body);
    EXPECT_EQ(got.status, 400) << body.substr(0, 60) << " -> " << got.status << " " << got.body.substr(0, 200);
    EXPECT_NE(got.header("Content-Type").find("application/problem+json"), std::string::npos) << body.substr(0, 60);
  }
  EXPECT_EQ(system.ask("resident", "echo", json::parse("[1e308, -0.0, 18446744073709551615]")).command, "echoed");
}

} // namespace
