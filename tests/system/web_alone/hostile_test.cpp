#include "tests/system/web_alone/web_fixture.hpp"

#include <random>

namespace troupe {
namespace {

using namespace std::chrono_literals;

/// Limits that a test can wait for.
web_limits short_limits() {
  web_limits limits;
  limits.head_time = 400ms;
  limits.body_time = 400ms;
  limits.idle_time = 600ms;
  limits.linger_time = 200ms;
  return limits;
}

TEST_F(WebAloneTest, RequestsThatTwoReadersCouldUnderstandDifferentlyAreRefused) {
  start();
  const std::string good_host = "Host: " + host() + "\r\n";
  const std::string post = "POST /api/v1/messages HTTP/1.1\r\n" + good_host + bearer();
  const std::string body = R"({"command":"a"})";
  const struct {
    const char* what;
    std::string bytes;
    int status;
  } cases[] = {
    {"no Host", "GET /healthz HTTP/1.1\r\n\r\n", 400},
    {"two Hosts", "GET /healthz HTTP/1.1\r\n" + good_host + good_host + "\r\n", 400},
    {"two different Hosts", "GET /healthz HTTP/1.1\r\n" + good_host + "Host: example.org\r\n\r\n", 400},
    {"an empty Host", "GET /healthz HTTP/1.1\r\nHost:\r\n\r\n", 421},
    {"a foreign Host", "GET /healthz HTTP/1.1\r\nHost: example.org\r\n\r\n", 421},
    {"a Host without the port", "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 421},
    {"a Host with another port", "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n", 421},
    {"a Host that begins like ours", "GET /healthz HTTP/1.1\r\nHost: " + host() + ".example.org\r\n\r\n", 421},
    {"a folded line", "GET /healthz HTTP/1.1\r\n" + good_host + "X: a\r\n b\r\n\r\n", 400},
    {"a folded Host", "GET /healthz HTTP/1.1\r\nHost:\r\n " + host() + "\r\n\r\n", 400},
    {"space before the colon", "GET /healthz HTTP/1.1\r\nHost : " + host() + "\r\n\r\n", 400},
    {"a bare LF", "GET /healthz HTTP/1.1\n" + good_host + "\r\n", 400},
    {"a bare LF between fields", "GET /healthz HTTP/1.1\r\n" + good_host + "A: b\nC: d\r\n\r\n", 400},
    {"a bare CR in a value", "GET /healthz HTTP/1.1\r\n" + good_host + "A: b\rC: d\r\n\r\n", 400},
    {"a NUL in a value", "GET /healthz HTTP/1.1\r\n" + good_host + "A: b" + std::string(1, '\0') + "\r\n\r\n", 400},
    {"a NUL in a name", "GET /healthz HTTP/1.1\r\n" + good_host + "A" + std::string(1, '\0') + ": b\r\n\r\n", 400},
    {"an empty line first", "\r\nGET /healthz HTTP/1.1\r\n" + good_host + "\r\n", 400},
    {"an absolute target", "GET http://" + host() + "/healthz HTTP/1.1\r\n" + good_host + "\r\n", 400},
    {"an authority target", "CONNECT " + host() + " HTTP/1.1\r\n" + good_host + "\r\n", 400},
    {"an asterisk target", "OPTIONS * HTTP/1.1\r\n" + good_host + "\r\n", 400},
    {"a double slash", "GET //healthz HTTP/1.1\r\n" + good_host + "\r\n", 400},
    {"a space in the target", "GET /health z HTTP/1.1\r\n" + good_host + "\r\n", 400},
    {"no version", "GET /healthz\r\n" + good_host + "\r\n", 400},
    {"version 2", "GET /healthz HTTP/2.0\r\n" + good_host + "\r\n", 505},
    {"version 1.2", "GET /healthz HTTP/1.2\r\n" + good_host + "\r\n", 505},
    {"a lower-case version", "GET /healthz http/1.1\r\n" + good_host + "\r\n", 505},
    {"a broken escape", "GET /healthz%zz HTTP/1.1\r\n" + good_host + "\r\n", 400},
    {"an escaped NUL", "GET /healthz%00 HTTP/1.1\r\n" + good_host + "\r\n", 400},
    {"an escape that is not UTF-8", "GET /api/v1/members?id=%ff HTTP/1.1\r\n" + good_host + bearer() + "\r\n", 400},
    {"length and coding", post + "Content-Length: 15\r\nTransfer-Encoding: chunked\r\n\r\n" + body, 400},
    {"coding and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 15\r\n\r\n" + body, 400},
    {"two lengths", post + "Content-Length: 15\r\nContent-Length: 16\r\n\r\n" + body, 400},
    {"two equal lengths", post + "Content-Length: 15\r\nContent-Length: 15\r\n\r\n" + body, 400},
    {"a list of lengths", post + "Content-Length: 15, 15\r\n\r\n" + body, 400},
    {"a signed length", post + "Content-Length: +15\r\n\r\n" + body, 400},
    {"a negative length", post + "Content-Length: -1\r\n\r\n" + body, 400},
    {"a hexadecimal length", post + "Content-Length: 0xf\r\n\r\n" + body, 400},
    {"an empty length", post + "Content-Length:\r\n\r\n" + body, 400},
    {"a length of 2 GiB", post + "Content-Length: 2147483648\r\n\r\n", 413},
    {"a length beyond 64 bits", post + "Content-Length: 99999999999999999999999\r\n\r\n", 400},
    {"coding gzip", post + "Transfer-Encoding: gzip\r\n\r\n" + body, 501},
    {"coding gzip, chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
    {"coding chunked twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"coding chunked, identity", post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 501},
    {"coding xchunked", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
    {"coding in quotes", post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 501},
    {"coding with a vertical tab", post + "Transfer-Encoding:\x0b" "chunked\r\n\r\n0\r\n\r\n", 400},
    {"coding in HTTP/1.0", "POST /api/v1/messages HTTP/1.0\r\n" + good_host + bearer() + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"a chunk size that is no number", post + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
    {"a chunk size beyond 64 bits", post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\n", 400},
    {"a chunk of 4 GiB", post + "Transfer-Encoding: chunked\r\n\r\nffffffff\r\n", 413},
    {"another expectation", post + "Expect: magic\r\nContent-Length: 15\r\n\r\n" + body, 417},
    {"a body where none belongs", "GET /healthz HTTP/1.1\r\n" + good_host + "Content-Length: 3\r\n\r\nabc", 400},
    {"a foreign origin", "GET /healthz HTTP/1.1\r\n" + good_host + "Origin: https://example.org\r\n\r\n", 403},
    {"an origin of another port", "GET /healthz HTTP/1.1\r\n" + good_host + "Origin: http://127.0.0.1:1\r\n\r\n", 403},
    {"the null origin", "GET /healthz HTTP/1.1\r\n" + good_host + "Origin: null\r\n\r\n", 403},
    {"two origins", "GET /healthz HTTP/1.1\r\n" + good_host + "Origin: http://" + host() + "\r\nOrigin: http://evil\r\n\r\n", 403},
    {"a cross-site fetch", "GET /healthz HTTP/1.1\r\n" + good_host + "Sec-Fetch-Site: cross-site\r\n\r\n", 403},
    {"a same-site fetch from another port", "GET /healthz HTTP/1.1\r\n" + good_host + "Sec-Fetch-Site: same-site\r\n\r\n", 403},
    {"an unknown path", "GET /nothing HTTP/1.1\r\n" + good_host + "\r\n", 404},
    {"a path of dots", "GET /../../etc/passwd HTTP/1.1\r\n" + good_host + "\r\n", 404},
    {"another method", "DELETE /healthz HTTP/1.1\r\n" + good_host + "\r\n", 405},
    {"TRACE", "TRACE /healthz HTTP/1.1\r\n" + good_host + "\r\n", 405},
    {"a method in lower case", "get /healthz HTTP/1.1\r\n" + good_host + "\r\n", 405},
    {"no credential", "GET /api/v1/status HTTP/1.1\r\n" + good_host + "\r\n", 401},
    {"a wrong token", "GET /api/v1/status HTTP/1.1\r\n" + good_host + "Authorization: Bearer wrong\r\n\r\n", 401},
    {"another scheme", "GET /api/v1/status HTTP/1.1\r\n" + good_host + "Authorization: Basic " + token + "\r\n\r\n", 401},
    {"two credentials", "GET /api/v1/status HTTP/1.1\r\n" + good_host + bearer() + bearer() + "\r\n", 401},
    {"a large body without a credential", "POST /api/v1/messages HTTP/1.1\r\n" + good_host + "Content-Length: 60000000\r\n\r\n", 401},
    {"a large login", "POST /login HTTP/1.1\r\n" + good_host + "Content-Length: 60000000\r\n\r\n", 413},
    {"a head of 20 KiB", "GET /healthz HTTP/1.1\r\n" + good_host + "X: " + std::string(20000, 'x') + "\r\n\r\n", 431},
    {"a target of 5 KiB", "GET /" + std::string(5000, 'x') + " HTTP/1.1\r\n" + good_host + "\r\n", 414},
    {"a websocket path without an upgrade", "GET /ws HTTP/1.1\r\n" + good_host + bearer() + "\r\n", 426},
  };
  for (const auto& each : cases) {
    const auto answer = exchange(each.bytes);
    EXPECT_EQ(answer.status, each.status) << each.what << ": " << answer.body;
    if (answer.status == each.status && each.status != 303) {
      EXPECT_EQ(answer.field("content-type"), "application/problem+json") << each.what;
      EXPECT_EQ(json::parse(answer.body)["status"], each.status) << each.what;
    }
  }
  expect_alive();
  EXPECT_EQ(actors_.asked().size(), 0u) << "nothing of this reached an actor";
}

TEST_F(WebAloneTest, ASmuggledRequestIsNeverServed) {
  start();
  auto connection = client();
  connection.send("POST /login HTTP/1.1\r\nHost: " + host() + "\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: " + host() + "\r\n\r\n");
  EXPECT_EQ(connection.read_answer().status, 400);
  EXPECT_EQ(connection.read_answer().status, 0);
  EXPECT_TRUE(connection.is_closed_within(5s));
}

TEST_F(WebAloneTest, GarbageOfManyKindsClosesOneConnectionOnly) {
  start(short_limits());
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    std::string bytes(1 + random() % 3000, '\0');
    for (auto& each : bytes) {
      each = static_cast<char>(random());
    }
    auto connection = client();
    connection.send(round % 3 == 0 ? "GET / HTTP/1.1\r\n" + bytes + "\r\n\r\n" : bytes + "\r\n\r\n");
    connection.half_close();
    EXPECT_TRUE(connection.is_closed_within(5s)) << round;
  }
  expect_alive();
}

TEST_F(WebAloneTest, ATlsHelloIsRefusedAtOnce) {
  start(short_limits());
  auto connection = client();
  connection.send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x0a", 12));
  EXPECT_TRUE(connection.is_closed_within(5s));
  expect_alive();
}

TEST_F(WebAloneTest, ASlowHeadIsClosedInTimeHoweverItDrips) {
  start(short_limits());
  auto connection = client();
  const auto begin = std::chrono::steady_clock::now();
  const std::string head = "GET /healthz HTTP/1.1\r\nHost: " + host() + "\r\nX-Slow: ";
  connection.send(head);
  while (connection.send("x") && !connection.is_closed_within(50ms)) {
    ASSERT_LT(std::chrono::steady_clock::now() - begin, 5s) << "a dripping client is kept for ever";
  }
  EXPECT_TRUE(waits_until_logged("did not complete its request in time"));
  expect_alive();
}

TEST_F(WebAloneTest, ASlowBodyIsClosedInTime) {
  start(short_limits());
  auto connection = client();
  connection.send("POST /api/v1/messages HTTP/1.1\r\nHost: " + host() + "\r\n" + bearer() + "Content-Length: 100\r\n\r\n{");
  EXPECT_TRUE(connection.is_closed_within(5s));
  EXPECT_TRUE(waits_until_logged("did not send its body in time"));
}

TEST_F(WebAloneTest, AnIdleConnectionIsClosed) {
  start(short_limits());
  auto connection = client();
  connection.send("GET /healthz HTTP/1.1\r\nHost: " + host() + "\r\n\r\n");
  EXPECT_EQ(connection.read_answer().status, 200);
  EXPECT_TRUE(connection.is_closed_within(5s));
}

TEST_F(WebAloneTest, SilentConnectionsMakeRoomForOnesThatAsk) {
  web_limits limits;
  limits.max_connections = 8;
  start(limits);
  std::vector<raw_client> silent;
  for (int i = 0; i < 20; ++i) {
    silent.emplace_back(port_);
    silent.back().send("GET /slow");
  }
  expect_alive();
  EXPECT_TRUE(silent.front().is_closed_within(5s));
  EXPECT_FALSE(silent.back().is_closed_within(50ms));
}

TEST_F(WebAloneTest, ConnectionsThatWaitForActorsAreNotPushedOut) {
  web_limits limits;
  limits.max_connections = 4;
  actors_.on_ask = [](const request&) { return nullptr; };
  start(limits);
  std::vector<raw_client> busy;
  for (int i = 0; i < 4; ++i) {
    busy.emplace_back(port_);
    busy.back().send(ask("POST", "/api/v1/messages", R"({"command":"slow"})"));
    ASSERT_TRUE(actors_.waits_until_held(static_cast<std::size_t>(i) + 1));
  }
  auto late = client();
  EXPECT_TRUE(late.is_closed_within(5s));
  actors_.release(make_answer("done"));
  for (auto& each : busy) {
    EXPECT_EQ(each.read_answer().status, 200);
  }
}

TEST_F(WebAloneTest, BodiesInAllAreBounded) {
  web_limits limits;
  limits.max_body_total = 1'000'000;
  start(limits);
  auto first = client();
  first.send("POST /api/v1/messages HTTP/1.1\r\nHost: " + host() + "\r\n" + bearer() + "Content-Length: 900000\r\n\r\n{");
  int status = 200;
  for (int i = 0; i < 200 && status != 503; ++i) { // until the first request's head has been read
    status = exchange("POST /api/v1/messages HTTP/1.1\r\nHost: " + host() + "\r\n" + bearer() +
                      "Expect: 100-continue\r\nContent-Length: 900000\r\n\r\n").status;
  }
  EXPECT_EQ(status, 503);
  first.close();
  for (int i = 0; i < 200 && status == 503; ++i) { // until the server has seen the first client go
    status = exchange("POST /api/v1/messages HTTP/1.1\r\nHost: " + host() + "\r\n" + bearer() +
                      "Expect: 100-continue\r\nContent-Length: 900000\r\n\r\n").status;
  }
  EXPECT_EQ(status, 100) << "the room is given back";
}

TEST_F(WebAloneTest, ACookieAloneDoesNotMakeARequestOfAnotherPageOurs) {
  start();
  const auto session = access_.log_in(access_.issue_code());
  ASSERT_TRUE(session);
  const std::string cookie = "Cookie: a=b; troupe_session_" + std::to_string(port_) + "=" + *session + "\r\n";
  const std::string body = R"({"command":"a"})";
  const std::string head = "POST /api/v1/messages HTTP/1.1\r\nHost: " + host() + "\r\n" + cookie + "Content-Length: 15\r\n";
  EXPECT_EQ(exchange(head + "\r\n" + body).status, 403);
  EXPECT_EQ(exchange(head + "Origin: http://" + host() + "\r\n\r\n" + body).status, 200);
  EXPECT_EQ(exchange(head + "Sec-Fetch-Site: same-origin\r\n\r\n" + body).status, 200);
  EXPECT_EQ(exchange("GET /api/v1/status HTTP/1.1\r\nHost: " + host() + "\r\nCookie: troupe_session_1=" + *session + "\r\n\r\n").status, 401);
}

} // namespace
} // namespace troupe
