#include "runtime/access/access_keeper.hpp"
#include "runtime/access/connection_owner.hpp"
#include "web/script_server/run_answer.hpp"
#include "web/script_server/script_gate.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe {
namespace {

class ScriptGateTest : public testing::Test {
protected:
  unsigned status(const std::vector<http_field>& fields, const std::string& from = "127.0.0.1",
                  std::optional<std::uint32_t> owner = 1000) {
    http_request request;
    request.method = "POST";
    request.fields = fields;
    http_peer peer{{from, 40000}, {"127.0.0.1", 3000}};
    const script_gate gate(access_, 1000, [owner](const http_peer&) { return owner; });
    const auto refusal = gate.check(request, peer);
    return refusal ? refusal->status : 200;
  }

  steady_access_clock clock_;
  access_keeper access_{"the-token", clock_};
};

const http_field local{"host", "localhost:3000"};

TEST_F(ScriptGateTest, ProgramsOfTheOwnUserAndRootNeedNoToken) {
  for (const char* host : {"localhost:3000", "127.0.0.1:3000", "[::1]:3000", "LOCALHOST:3000", "localhost"}) {
    EXPECT_EQ(status({{"host", host}}), 200u) << host;
  }
  EXPECT_EQ(status({local}, "::1"), 200u);
  EXPECT_EQ(status({local}, "127.0.0.1", 0), 200u) << "root";
  EXPECT_EQ(status({local}, "127.0.0.1", 1001), 401u) << "another user";
  EXPECT_EQ(status({local}, "127.0.0.1", std::nullopt), 401u) << "nobody holds the connection any more";
  EXPECT_EQ(status({local}, "192.0.2.1"), 401u) << "another machine";
}

TEST_F(ScriptGateTest, TheTokenOpensForEverybodyElse) {
  const http_field good{"authorization", "Bearer the-token"};
  EXPECT_EQ(status({local, good}, "127.0.0.1", 1001), 200u);
  EXPECT_EQ(status({{"host", "192.0.2.7:3000"}, good}, "192.0.2.1"), 200u);
  EXPECT_EQ(status({local, {"authorization", "Bearer wrong"}}), 401u) << "a wrong credential is not mended by another one";
  EXPECT_EQ(status({local, {"authorization", "Basic eA=="}}), 401u);
  EXPECT_EQ(status({local, good, good}), 401u);
}

TEST_F(ScriptGateTest, PagesOfOtherSitesAreRefusedEvenWithTheToken) {
  const http_field good{"authorization", "Bearer the-token"};
  for (const char* origin : {"http://evil.example", "null", "http://localhost:8000", "https://localhost:3000",
                             "http://localhost:3000.evil.example", "file://", ""}) {
    EXPECT_EQ(status({local, {"origin", origin}}), 403u) << origin;
    EXPECT_EQ(status({local, good, {"origin", origin}}), 403u) << origin;
  }
  for (const char* site : {"cross-site", "same-site", ""}) {
    EXPECT_EQ(status({local, {"sec-fetch-site", site}}), 403u) << site;
  }
  EXPECT_EQ(status({local, {"origin", "http://localhost:3000"}, {"sec-fetch-site", "same-origin"}}), 200u);
  EXPECT_EQ(status({local, {"sec-fetch-site", "none"}}), 200u) << "typed by hand";
  EXPECT_EQ(status({local, {"origin", "http://localhost:3000"}, {"origin", "http://evil.example"}}), 403u);
}

TEST_F(ScriptGateTest, AHostThatIsNotThisMachineIsRefused) {
  for (const char* host : {"evil.example:3000", "evil.example", "127.0.0.1.evil.example:3000", "localhost.evil.example", "",
                           "192.168.0.1:3000", "0.0.0.0:3000"}) {
    EXPECT_EQ(status({{"host", host}}), 421u) << host;
  }
  EXPECT_EQ(status({}), 400u);
  EXPECT_EQ(status({local, local}), 400u);
}

/// A connection of this process with itself.
struct loop_connection {
  explicit loop_connection(bool mapped = false) {
    listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof place;
    ::bind(listener, reinterpret_cast<sockaddr*>(&place), size);
    ::listen(listener, 1);
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&place), &size);
    server = {"127.0.0.1", ntohs(place.sin_port)};
    client_fd = ::socket(mapped ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    if (mapped) {
      sockaddr_in6 six{};
      six.sin6_family = AF_INET6;
      six.sin6_port = place.sin_port;
      ::inet_pton(AF_INET6, "::ffff:127.0.0.1", &six.sin6_addr);
      ::connect(client_fd, reinterpret_cast<sockaddr*>(&six), sizeof six);
    } else {
      ::connect(client_fd, reinterpret_cast<sockaddr*>(&place), sizeof place);
    }
    sockaddr_in peer{};
    size = sizeof peer;
    accepted = ::accept(listener, reinterpret_cast<sockaddr*>(&peer), &size);
    client = {"127.0.0.1", ntohs(peer.sin_port)};
  }
  ~loop_connection() {
    for (const int fd : {client_fd, accepted, listener}) {
      ::close(fd);
    }
  }
  void client_leaves() { ::close(std::exchange(client_fd, -1)); }

  int listener = -1;
  int client_fd = -1;
  int accepted = -1;
  tcp_end client;
  tcp_end server;
};

std::string socket_tables() {
  std::stringstream out;
  for (const char* name : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    out << std::ifstream(name).rdbuf();
  }
  return out.str();
}

TEST(ConnectionOwnerTest, TheUserOfALivingConnectionIsFoundInBothWays) {
  for (const bool mapped : {false, true}) {
    const loop_connection one(mapped);
    EXPECT_EQ(connection_owner(one.client, one.server), ::geteuid()) << mapped;
    EXPECT_EQ(owner_in_socket_table(socket_tables(), one.client, one.server), ::geteuid()) << mapped;
  }
}

TEST(ConnectionOwnerTest, ASocketThatNobodyHoldsIsNotRoots) {
  loop_connection one;
  one.client_leaves();
  EXPECT_EQ(connection_owner(one.client, one.server), std::nullopt);
  EXPECT_EQ(owner_in_socket_table(socket_tables(), one.client, one.server), std::nullopt);
  EXPECT_EQ(connection_owner({"127.0.0.1", 1}, one.server), std::nullopt);
  EXPECT_EQ(connection_owner({"nowhere", 1}, one.server), std::nullopt);
}

TEST(RunAnswerTest, TheShapeIsTheOneOfTheDescription) {
  run_outcome good;
  good.out = "{\"x\": 1}\n";
  good.exit_code = 0;
  EXPECT_EQ(to_json_text(good), R"({"stdout":"{\"x\": 1}\n","stderr":"","exit_code":0,"timed_out":false})");
  const auto killed = run_outcome::of_state({{"state", "signalled"}, {"signal", 9}, {"exit_code", nullptr}, {"reason", "x"}});
  EXPECT_EQ(to_json_text(killed), R"({"stdout":"","stderr":"","exit_code":null,"timed_out":false,"signal":9})");
  const auto late = run_outcome::of_state({{"state", "timed_out"}, {"signal", nullptr}, {"exit_code", nullptr}, {"reason", "x"}});
  EXPECT_EQ(late.status, 504u);
  EXPECT_EQ(late.problem, "Script execution timed out");
  good.out = "\xff";
  EXPECT_NE(to_json_text(good).find("\xef\xbf\xbd"), std::string::npos);
  EXPECT_NE(script_problem(504, "a \"b\"").body.find(R"("error":"a \"b\"")"), std::string::npos);
}

} // namespace
} // namespace troupe
