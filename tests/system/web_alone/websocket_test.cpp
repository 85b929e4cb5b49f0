#include "tests/system/web_alone/web_fixture.hpp"
#include "tests/system/web_alone/ws_client.hpp"

#include <thread>

namespace troupe {
namespace {

using namespace std::chrono_literals;

class WebSocketTest : public WebAloneTest {
protected:
  ws_client open() const { return ws_client(port_, bearer()); }
};

TEST_F(WebSocketTest, AnAskIsAnsweredWithTheWholeMessageAndASendWithItsSentence) {
  actors_.on_ask = [](const request& what) {
    EXPECT_EQ(what.timeout, seconds(10));
    return make_answer("hello_world", what.body);
  };
  start();
  auto socket = open();
  ASSERT_EQ(socket.opening().status, 101) << socket.opening().head;
  socket.send_text(R"({"type":"ask","command":"tick","body":{"a":[1]},"timeout":"10","recipient":"hello_world"})");
  const auto answer = json::parse(socket.read_text());
  EXPECT_EQ(answer["command"], "hello_world");
  EXPECT_EQ(answer["body"], (json{{"a", {1}}}));
  for (const char* key : {"mid", "recipient", "sender", "timeout", "user"}) {
    EXPECT_TRUE(answer.contains(key)) << key;
  }
  socket.send_text(R"({"type":"send","command":"quit","body":null,"timeout":10,"recipient":""})");
  EXPECT_EQ(socket.read_text(), "The message is sent");
  ASSERT_EQ(actors_.sent().size(), 1u);
  EXPECT_TRUE(actors_.sent()[0].recipient.is_null());
}

TEST_F(WebSocketTest, RequestsOfOneSocketAreHandledOneAfterTheOther) {
  actors_.on_ask = [](const request& what) { return what.command == "slow" ? nullptr : make_answer(what.command); };
  start();
  auto socket = open();
  socket.send_text(R"({"type":"ask","command":"slow"})");
  socket.send_text(R"({"type":"ask","command":"quick"})");
  ASSERT_TRUE(actors_.waits_until_held());
  auto other = open();
  other.send_text(R"({"type":"ask","command":"quick"})");
  EXPECT_EQ(json::parse(other.read_text())["command"], "quick") << "another socket is not held up";
  EXPECT_EQ(actors_.asked().size(), 2u);
  actors_.release(make_answer("slow"));
  EXPECT_EQ(json::parse(socket.read_text())["command"], "slow");
  EXPECT_EQ(json::parse(socket.read_text())["command"], "quick");
}

TEST_F(WebSocketTest, AFloodOfRequestsIsAnsweredInOrderWithBoundedMemory) {
  actors_.on_ask = [](const request& what) { return make_answer("echo", what.body); };
  start();
  auto socket = open();
  constexpr int count = 3000;
  std::thread sender([&] {
    for (int i = 0; i < count; ++i) {
      socket.send_text(json{{"type", "ask"}, {"command", "echo"}, {"body", i}}.dump());
    }
  });
  int good = 0;
  for (int i = 0; i < count; ++i) {
    const auto text = socket.read_text();
    if (text.empty()) {
      break;
    }
    good += json::parse(text)["body"] == i;
  }
  sender.join();
  EXPECT_EQ(good, count);
}

TEST_F(WebSocketTest, AFrameThatIsNoRequestIsAnsweredAndTheSocketGoesOn) {
  actors_.on_ask = [](const request&) { return make_answer("good"); };
  start();
  auto socket = open();
  const std::string deep(100'000, '[');
  for (const std::string frame : {std::string("{"), std::string(""), std::string("[]"), std::string("\"x\""), deep,
                                  std::string(R"({"type":"ask"})"), std::string(R"({"command":"a"})"),
                                  std::string(R"({"type":"shout","command":"a"})"),
                                  std::string(R"({"type":"ask","command":""})"), std::string(R"({"type":"ask","command":7})"),
                                  std::string(R"({"type":"ask","command":"a","recipient":7})"),
                                  std::string(R"({"type":"ask","command":"a","body":1e999})"),
                                  std::string(R"({"type":"ask","command":"a","body":{"$bytes":"%"}})")}) {
    ASSERT_TRUE(socket.send_text(frame));
    const auto text = socket.read_text();
    ASSERT_FALSE(text.empty()) << frame.substr(0, 60);
    EXPECT_EQ(json::parse(text)["command"], "bad_request") << frame.substr(0, 60);
  }
  socket.send_frame(2, "binary");
  EXPECT_EQ(json::parse(socket.read_text())["command"], "bad_request");
  socket.send_text(R"({"type":"ask","command":"a","timeout":"soon"})");
  EXPECT_EQ(json::parse(socket.read_text())["command"], "good");
  EXPECT_EQ(actors_.asked().back().timeout, seconds(4)) << "a timeout that is no number means 4 s";
}

TEST_F(WebSocketTest, BytesTravelAsBase64) {
  actors_.on_ask = [](const request& what) {
    EXPECT_TRUE(what.body.is_binary());
    return make_answer("echo", what.body);
  };
  start();
  auto socket = open();
  socket.send_text(R"({"type":"ask","command":"a","body":{"$bytes":"/wA="}})");
  EXPECT_EQ(json::parse(socket.read_text())["body"], (json{{"$bytes", "/wA="}}));
}

TEST_F(WebSocketTest, ABrokenFrameClosesOneSocketOnly) {
  start();
  const auto breaks = [&](auto act) {
    auto socket = open();
    ASSERT_EQ(socket.opening().status, 101);
    act(socket);
    EXPECT_TRUE(socket.connection().is_closed_within(5s));
    expect_alive();
  };
  breaks([](ws_client& s) { s.send_frame(1, "not masked", true, false); });
  breaks([](ws_client& s) { s.send_frame(3, "reserved opcode"); });
  breaks([](ws_client& s) { s.send_frame(1, "\xff\xfe not UTF-8"); });
  breaks([](ws_client& s) { s.send_frame(0, "a continuation of nothing"); });
  breaks([](ws_client& s) { s.send_frame(9, std::string(200, 'x')); });
  breaks([](ws_client& s) { s.send_frame(8, ""); });
  // A length of 2 GiB is refused before memory is taken.
  breaks([](ws_client& s) { s.connection().send(std::string("\x81\xff\x00\x00\x00\x00\x80\x00\x00\x00\x00\x00\x00\x00", 14)); });
  breaks([](ws_client& s) { s.connection().send(std::string("\xf1\x80\x00\x00\x00\x00", 6)); });
}

TEST_F(WebSocketTest, OnlyAKnownCallerOfOurOwnPageOpensOne) {
  start();
  const std::string with_token = std::string("Sec-WebSocket-Protocol: troupe, troupe-token.") + token + "\r\n";
  EXPECT_EQ(ws_client(port_, "").opening().status, 401);
  EXPECT_EQ(ws_client(port_, "Sec-WebSocket-Protocol: troupe-token.wrong\r\n").opening().status, 401);
  ws_client entered(port_, with_token);
  EXPECT_EQ(entered.opening().status, 101);
  EXPECT_EQ(entered.opening().field("sec-websocket-protocol"), "troupe") << "the token is not said back";
  EXPECT_EQ(ws_client(port_, with_token + "Origin: http://" + host() + "\r\n").opening().status, 101);
  EXPECT_EQ(ws_client(port_, with_token + "Origin: http://example.org\r\n").opening().status, 403);
  EXPECT_EQ(ws_client(port_, with_token + "Sec-Fetch-Site: cross-site\r\n").opening().status, 403);
  const auto session = access_.log_in(access_.issue_code());
  const std::string cookie = "Cookie: troupe_session_" + std::to_string(port_) + "=" + *session + "\r\n";
  EXPECT_EQ(ws_client(port_, cookie).opening().status, 403) << "a cookie needs an origin";
  EXPECT_EQ(ws_client(port_, cookie + "Origin: http://" + host() + "\r\n").opening().status, 101);
  EXPECT_EQ(ws_client(port_, bearer() + "Sec-WebSocket-Version: 8\r\n").opening().status, 426);
}

TEST_F(WebSocketTest, ASilentPeerIsPingedAndThenClosed) {
  web_limits limits;
  limits.websocket_idle = 1s;
  start(limits);
  auto socket = open();
  const auto ping = socket.read_frame();
  ASSERT_TRUE(ping);
  EXPECT_EQ(ping->opcode, 9);
  EXPECT_TRUE(socket.connection().is_closed_within(5s));
}

TEST_F(WebSocketTest, AClosingDoorSaysGoodbye) {
  start();
  auto socket = open();
  door_.reset();
  const auto last = socket.read_frame();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->opcode, 8);
  EXPECT_EQ(last->payload.substr(0, 2), "\x03\xe9") << "1001, going away";
}

TEST_F(WebSocketTest, ASocketThatLeavesDuringAnAskLeavesNothingBehind) {
  actors_.on_ask = [](const request& what) { return what.command == "slow" ? nullptr : make_answer("x"); };
  start();
  {
    auto socket = open();
    socket.send_text(R"({"type":"ask","command":"slow"})");
    ASSERT_TRUE(actors_.waits_until_held());
  }
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  std::string metrics;
  do {
    metrics = exchange(ask("GET", "/metrics")).body;
  } while (metrics.find("websockets_open 0\n") == std::string::npos && std::chrono::steady_clock::now() < deadline);
  EXPECT_NE(metrics.find("websockets_open 0\n"), std::string::npos);
  actors_.release(make_answer("late"));
  expect_alive();
}

} // namespace
} // namespace troupe
