#include "web/server/answer_head.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

TEST(AnswerHead, FieldsOfTheAnswerReplaceOursAndTheLastOfANameCounts) {
  http_response what{200, "text/plain", "body", {{"cache-control", "max-age=1"}, {"X-A", "1"}, {"x-a", "2"}, {"Bad", "a\r\nSet-Cookie: x"}}};
  const auto got = pieces_of(what, false, true, true);
  EXPECT_TRUE(got.head.starts_with("HTTP/1.1 200 OK\r\nServer: troupe\r\n")) << got.head;
  EXPECT_EQ(got.head.find("no-store"), std::string::npos);
  EXPECT_EQ(got.head.find("X-A: 1"), std::string::npos);
  EXPECT_NE(got.head.find("\r\nx-a: 2\r\n"), std::string::npos);
  EXPECT_NE(got.head.find("\r\nBad: aSet-Cookie: x\r\n"), std::string::npos);
  EXPECT_NE(got.head.find("\r\nContent-Length: 4\r\n"), std::string::npos);
  EXPECT_EQ(got.head.find("Connection"), std::string::npos);
  EXPECT_TRUE(got.head.ends_with("\r\n\r\n"));
  EXPECT_EQ(got.body, "body");
}

TEST(AnswerHead, WhatHasNoBodyGetsNone) {
  for (const unsigned status : {204u, 304u}) {
    const auto got = pieces_of({status, "", "a handler gave one", {}}, false, true, true);
    EXPECT_TRUE(got.body.empty());
    EXPECT_EQ(got.head.find("Content-Length"), std::string::npos);
  }
  const auto head = pieces_of({200, "", "body", {}}, true, true, false);
  EXPECT_TRUE(head.body.empty());
  EXPECT_NE(head.head.find("\r\nContent-Length: 4\r\n"), std::string::npos);
  EXPECT_NE(head.head.find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_NE(pieces_of({200, "", "", {}}, false, false, true).head.find("HTTP/1.0 200 OK\r\n"), std::string::npos);
}

} // namespace
} // namespace troupe
