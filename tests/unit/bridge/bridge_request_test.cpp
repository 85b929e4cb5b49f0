#include "tests/unit/access/fake_access_clock.hpp"
#include "web/bridge/bridge_request.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

class BridgeRequest : public ::testing::Test {
protected:
  BridgeRequest() {
    request_.method = "GET";
    request_.target = "/94edcac2-3529-4699-8468-d3a0c00696c2";
    request_.fields = {{"host", "127.0.0.1:18564"},
                       {"upgrade", "websocket"},
                       {"connection", "Upgrade"},
                       {"sec-websocket-version", "13"},
                       {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  }

  void with(std::string name, std::string value) { request_.fields.push_back({std::move(name), std::move(value)}); }
  /// 101 with the pid, or the status of the refusal.
  unsigned status(bool from_loopback = true) {
    const auto got = read_bridge_request(request_, true, from_loopback, access_);
    if (const auto* pid = std::get_if<std::string>(&got)) {
      pid_ = *pid;
      return 101;
    }
    return std::get<http_response>(got).status;
  }

  fake_access_clock clock_;
  access_keeper access_{"token-for-the-tests-of-the-bridge", clock_};
  http_request request_;
  std::string pid_;
};

TEST_F(BridgeRequest, OnThisMachineThePidIsTheKey) {
  EXPECT_EQ(status(), 101u);
  EXPECT_EQ(pid_, "94edcac2-3529-4699-8468-d3a0c00696c2");
}

TEST_F(BridgeRequest, FromElsewhereTheTokenIsWantedToo) {
  EXPECT_EQ(status(false), 401u);
  with("authorization", "Bearer token-for-the-tests-of-the-bridge");
  EXPECT_EQ(status(false), 101u);
}

TEST_F(BridgeRequest, AWrongTokenIsNotMendedByASubprotocol) {
  with("sec-websocket-protocol", "troupe-token.token-for-the-tests-of-the-bridge");
  EXPECT_EQ(status(false), 101u);
  with("authorization", "Bearer wrong");
  EXPECT_EQ(status(false), 401u);
}

TEST_F(BridgeRequest, APathThatIsNoPidIsNotFound) {
  for (const char* path : {"/", "/..", "/a/b", "/a%2fb", "/a.b", "/ws/"}) {
    request_.target = path;
    EXPECT_EQ(status(), 404u) << path;
  }
  request_.target = "/abc?x=1";
  EXPECT_EQ(status(), 101u);
  EXPECT_EQ(pid_, "abc");
}

TEST_F(BridgeRequest, PagesOfOtherSitesAreRefused) {
  with("origin", "http://evil.example");
  EXPECT_EQ(status(), 403u);
  request_.fields.back().value = "null";
  EXPECT_EQ(status(), 403u);
  request_.fields.back().value = "http://localhost:9090";
  EXPECT_EQ(status(), 101u);
  with("sec-fetch-site", "cross-site");
  EXPECT_EQ(status(), 403u);
}

TEST_F(BridgeRequest, WhatIsNoOpeningIsRefused) {
  with("host", "127.0.0.1:18564");
  EXPECT_EQ(status(), 400u);
  request_.fields.pop_back();
  with("content-length", "5");
  EXPECT_EQ(status(), 400u);
  request_.fields.pop_back();
  request_.method = "POST";
  EXPECT_EQ(status(), 400u);
  request_.method = "GET";
  request_.fields[1].value = "h2c";
  EXPECT_EQ(status(), 426u);
}

} // namespace
} // namespace troupe
