#include "tests/system/web_alone/web_fixture.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include <unistd.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

TEST_F(WebAloneTest, AnAskComesBackAsTheWholeAnswerMessage) {
  actors_.on_ask = [](const request& what) {
    EXPECT_EQ(what.recipient.entity, "hello_world");
    return make_answer("hello_world", json{{"n", 1}});
  };
  start();
  const auto answer = exchange(ask("POST", "/api/v1/messages", R"({"recipient":"hello_world","command":"tick"})"));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto body = json::parse(answer.body);
  EXPECT_EQ(body["command"], "hello_world");
  EXPECT_EQ(body["body"], (json{{"n", 1}}));
  EXPECT_EQ(body["mid"], "king.first.main.1");
}

TEST_F(WebAloneTest, OneConnectionServesPipelinedRequestsInTheirOrder) {
  actors_.on_ask = [](const request& what) { return make_answer("echo", what.body); };
  start();
  auto connection = client();
  std::string all;
  for (int i = 0; i < 20; ++i) {
    all += ask("POST", "/api/v1/messages", json{{"command", "echo"}, {"body", i}}.dump());
  }
  connection.send(all);
  for (int i = 0; i < 20; ++i) {
    const auto answer = connection.read_answer();
    ASSERT_EQ(answer.status, 200);
    EXPECT_EQ(json::parse(answer.body)["body"], i);
  }
}

TEST_F(WebAloneTest, AChunkedBodyIsRead) {
  actors_.on_ask = [](const request& what) { return make_answer("echo", what.body); };
  start();
  const auto answer = exchange("POST /api/v1/messages HTTP/1.1\r\nHost: " + host() + "\r\n" + bearer() +
                               "Transfer-Encoding: chunked\r\n\r\nf\r\n{\"command\":\"a\",\r\na\r\n\"body\":\"x\"\r\n1\r\n}\r\n0\r\n\r\n");
  ASSERT_EQ(answer.status, 200) << answer.head << answer.body;
  EXPECT_EQ(json::parse(answer.body)["body"], "x");
}

TEST_F(WebAloneTest, AClientThatWaitsFor100ContinueGetsIt) {
  start();
  auto connection = client();
  connection.send("POST /api/v1/messages HTTP/1.1\r\nHost: " + host() + "\r\n" + bearer() +
                  "Expect: 100-continue\r\nContent-Length: 15\r\n\r\n");
  EXPECT_EQ(connection.read_answer().status, 100);
  connection.send(R"({"command":"a"})");
  EXPECT_EQ(connection.read_answer().status, 200);
}

TEST_F(WebAloneTest, HeadHasTheLengthAndNoBody) {
  start();
  auto connection = client();
  connection.send("HEAD /healthz HTTP/1.1\r\nHost: " + host() + "\r\n\r\n");
  const auto first = connection.read_answer(true);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.field("content-length"), "16");
  connection.send("GET /healthz HTTP/1.1\r\nHost: " + host() + "\r\n\r\n");
  EXPECT_EQ(connection.read_answer().body, "{\"status\":\"ok\"}\n");
}

TEST_F(WebAloneTest, AMessageOf64MiBPassesAndALargerOneIsRefused) {
  std::atomic<std::size_t> seen = 0;
  actors_.on_ask = [&](const request& what) {
    seen = what.body.get_ref<const std::string&>().size();
    return make_answer("got");
  };
  start();
  const std::string text(64u << 20, 'x');
  patience_ = 60s; // unoptimized and sanitized builds parse 64 MiB slowly
  const auto fits = exchange(ask("POST", "/api/v1/messages", R"({"command":"a","body":")" + text + "\"}"));
  EXPECT_EQ(fits.status, 200) << fits.body;
  EXPECT_EQ(seen, text.size());
  const auto larger = exchange(ask("POST", "/api/v1/messages", R"({"command":"a","body":"x)" + text + "\"}"));
  EXPECT_EQ(larger.status, 413);
  const auto announced = exchange("POST /api/v1/messages HTTP/1.1\r\nHost: " + host() + "\r\n" + bearer() +
                                  "Content-Length: 2147483648\r\n\r\n");
  EXPECT_EQ(announced.status, 413);
  expect_alive();
}

TEST_F(WebAloneTest, TaskOutputComesAsALineForEachRecordWhileTheTaskRuns) {
  std::atomic<int> round = 0;
  actors_.on_ask = [&](const request& what) -> message_ptr {
    EXPECT_EQ(what.recipient.entity, "task_7");
    const auto from = what.body["from"].get<std::uint64_t>();
    if (round++ == 1) {
      return nullptr; // nothing was printed yet: the task answers later
    }
    if (from < 2) {
      const std::uint8_t raw[] = {0xff, 0x00};
      return make_answer("output", {{"records", {{{"seq", from}, {"stream", "stdout"}, {"at", 0.5}, {"data", from == 0 ? json("a\n") : json::binary({raw, raw + 2})}}}},
                                    {"next", from + 1}, {"ended", false}});
    }
    return make_answer("output", {{"records", json::array()}, {"next", 2u}, {"ended", true}, {"state", {{"state", "succeeded"}}}});
  };
  start();
  auto connection = client();
  connection.send(ask("GET", "/api/v1/tasks/7/output?from=0&follow=true"));
  const auto head = connection.read_until("\r\n\r\n");
  EXPECT_NE(head.find("application/x-ndjson"), std::string::npos) << head;
  EXPECT_NE(connection.read_until("\"a\\n\"").size(), 0u);
  ASSERT_TRUE(actors_.waits_until_held());
  const std::uint8_t raw[] = {0xff, 0x00};
  actors_.release(make_answer("output", {{"records", {{{"seq", 1}, {"stream", "stderr"}, {"at", 1.5}, {"data", json::binary({raw, raw + 2})}}}},
                                         {"next", 2u}, {"ended", false}}));
  EXPECT_NE(connection.read_until("{\"$bytes\":\"/wA=\"}").size(), 0u);
  EXPECT_NE(connection.read_until("{\"end\":{\"state\":\"succeeded\"},\"next\":2}\n").size(), 0u);
  EXPECT_NE(connection.read_until("0\r\n\r\n").size(), 0u);
  connection.send(ask("GET", "/healthz"));
  EXPECT_EQ(connection.read_answer().status, 200) << "the connection goes on after a stream";
}

TEST_F(WebAloneTest, AStreamWhoseReaderLeftAsksNoMore) {
  actors_.on_ask = [first = true](const request& what) mutable -> message_ptr {
    if (what.command != "read_output") {
      return make_answer("is_not_handled");
    }
    return std::exchange(first, false) ? make_answer("output", {{"records", json::array()}, {"next", 0u}, {"ended", false}}) : nullptr;
  };
  start();
  {
    auto connection = client();
    connection.send(ask("GET", "/api/v1/tasks/7/output?follow=true"));
    ASSERT_TRUE(actors_.waits_until_held());
  }
  // The held ask is answered after the client left: no further ask follows.
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  std::string metrics;
  do {
    metrics = exchange(ask("GET", "/metrics")).body;
  } while (metrics.find("connections_open 1\n") == std::string::npos && std::chrono::steady_clock::now() < deadline);
  EXPECT_NE(metrics.find("connections_open 1\n"), std::string::npos) << metrics;
  const auto asks = actors_.asked().size();
  actors_.release(make_answer("output", {{"records", json::array()}, {"next", 0u}, {"ended", false}}));
  expect_alive();
  EXPECT_EQ(actors_.asked().size(), asks);
}

TEST_F(WebAloneTest, TheLogIsFollowed) {
  log_file_ = (std::filesystem::temp_directory_path() / ("troupe_web_log_" + std::to_string(::getpid()))).string();
  std::ofstream(log_file_) << "one\ntwo\nthree\n";
  start();
  auto connection = client();
  connection.send(ask("GET", "/api/v1/log?lines=2&follow=true"));
  EXPECT_NE(connection.read_until("two\nthree\n").size(), 0u);
  EXPECT_EQ(connection.pending().find("one"), std::string::npos);
  std::ofstream(log_file_, std::ios::app) << "four\n";
  EXPECT_NE(connection.read_until("four\n").size(), 0u);
  std::filesystem::remove(log_file_);
}

TEST_F(WebAloneTest, ABrowserLogsInOnceWithTheLoginAddress) {
  start();
  const auto login = door_->login();
  const auto target = login.substr(login.find("/login"));
  const auto code = target.substr(target.find('=') + 1);
  const std::string head = " HTTP/1.1\r\nHost: " + host() + "\r\n";
  EXPECT_EQ(exchange("GET " + target + head + "\r\n").status, 200);
  EXPECT_NE(exchange("GET " + target + head + "\r\n").body.find(code), std::string::npos) << "looking uses nothing up";
  const std::string form = "code=" + code;
  const std::string post = "POST /login" + head + "Origin: http://" + host() + "\r\nContent-Length: " + std::to_string(form.size()) + "\r\n\r\n" + form;
  const auto entered = exchange(post);
  ASSERT_EQ(entered.status, 303);
  const auto cookie = entered.field("set-cookie");
  EXPECT_NE(cookie.find("HttpOnly; SameSite=Strict"), std::string::npos);
  EXPECT_TRUE(cookie.starts_with("troupe_session_" + std::to_string(port_) + "="));
  EXPECT_EQ(exchange(post).status, 403);
  const auto page = exchange("GET /" + head + "Cookie: " + cookie.substr(0, cookie.find(';')) + "\r\n\r\n");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("id=\"command\""), std::string::npos);
  EXPECT_EQ(exchange("GET /" + head + "\r\n").field("location"), "/login");
}

TEST_F(WebAloneTest, ABusyPortAndAForeignHostAreRefusedWithAReason) {
  start();
  const auto busy = server_->open({"127.0.0.1", port_, 5, "/"});
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().code, error_code::conflict);
  EXPECT_NE(busy.error().text.find(std::to_string(port_)), std::string::npos);
  for (const char* host : {"0.0.0.0", "192.168.1.1", "::", "example.org"}) {
    const auto refused = server_->open({host, 0, 5, "/"});
    ASSERT_FALSE(refused) << host;
    EXPECT_EQ(refused.error().code, error_code::not_supported);
  }
}

TEST_F(WebAloneTest, AClosedDoorFreesItsPortAtOnceAndAnswersWhatItHad) {
  actors_.on_ask = [](const request&) { return nullptr; };
  start();
  auto waiting = client();
  waiting.send(ask("POST", "/api/v1/messages", R"({"command":"slow"})"));
  ASSERT_TRUE(actors_.waits_until_held());
  door_.reset();
  auto again = server_->open({"127.0.0.1", port_, 5, "/"});
  ASSERT_TRUE(again) << again.error().text;
  actors_.release(make_answer("late"));
  EXPECT_EQ(waiting.read_answer().status, 200) << "an answer under way has its grace";
  EXPECT_TRUE(waiting.is_closed_within(3s));
  expect_alive();
}

TEST_F(WebAloneTest, TheServerEndsWhileAsksAreUnansweredAndLateAnswersAreHarmless) {
  actors_.on_ask = [](const request&) { return nullptr; };
  start();
  auto waiting = client();
  waiting.send(ask("POST", "/api/v1/messages", R"({"command":"slow"})"));
  ASSERT_TRUE(actors_.waits_until_held());
  const auto begin = std::chrono::steady_clock::now();
  server_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
  actors_.release(make_answer("late"));
  door_.reset();
  EXPECT_TRUE(waiting.is_closed_within(1s));
}

TEST_F(WebAloneTest, AStreamThatWaitsDoesNotHoldUpTheEnd) {
  actors_.on_ask = [first = true](const request&) mutable -> message_ptr {
    return std::exchange(first, false) ? make_answer("output", {{"records", {{{"seq", 0}, {"data", "x"}}}}, {"next", 1u}, {"ended", false}}) : nullptr;
  };
  web_limits limits;
  limits.close_grace = 60s;
  start(limits);
  auto reader = client();
  reader.send(ask("GET", "/api/v1/tasks/7/output?follow=true"));
  ASSERT_TRUE(actors_.waits_until_held());
  door_.reset();
  server_.reset();
  EXPECT_TRUE(reader.is_closed_within(5s));
  EXPECT_EQ(reader.pending().find("0\r\n\r\n"), std::string::npos) << "a cut stream does not look complete";
}

TEST_F(WebAloneTest, AThousandRequestsFromSixteenConnectionsAreAllAnswered) {
  actors_.on_ask = [](const request& what) { return make_answer("echo", what.body); };
  start();
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      auto connection = client();
      for (int i = 0; i < 63; ++i) {
        connection.send(ask("POST", "/api/v1/messages", json{{"command", "echo"}, {"body", t * 1000 + i}}.dump()));
        const auto answer = connection.read_answer();
        good += answer.status == 200 && json::parse(answer.body)["body"] == t * 1000 + i;
      }
    });
  }
  for (auto& each : threads) {
    each.join();
  }
  EXPECT_EQ(good, 16 * 63);
}

} // namespace
} // namespace troupe
