#include <runtime/applications/web_exchange.hpp>

#include <gtest/gtest.h>

namespace troupe {
namespace {

TEST(WebExchange, AnAnswerTakesTextBytesAndJson) {
  auto got = web_reply::from_json({{"status", 201}, {"headers", {{"X-A", "b"}}}, {"body", "text"}});
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 201u);
  EXPECT_EQ(got->headers, (header_list{{"X-A", "b"}, {"content-type", "text/plain; charset=utf-8"}}));
  got = web_reply::from_json({{"body", json::binary({0, 255})}});
  EXPECT_EQ(got->body, std::string("\0\xff", 2));
  got = web_reply::from_json({{"headers", {{"Content-Type", "application/x"}}}, {"body", {{"a", 1}}}});
  EXPECT_EQ(got->body, "{\"a\":1}");
  EXPECT_EQ(got->headers.size(), 1u);
  got = web_reply::from_json({{"headers", json::array({json::array({"a", "1"}), json::array({"a", 2})})}});
  EXPECT_EQ(got->headers, (header_list{{"a", "1"}, {"a", "2"}}));
  EXPECT_EQ(web_reply::from_json(got->to_json())->headers, got->headers);
}

TEST(WebExchange, WhatHttpDoesNotAllowIsRefused) {
  for (const json& wrong : std::initializer_list<json>{
         7, json::array(), {{"status", 99}}, {{"status", 101}}, {{"status", 600}}, {{"status", "200"}}, {{"headers", 7}},
         {{"headers", {{"a b", "x"}}}}, {{"headers", {{"a", "x\r\nevil: 1"}}}}, {{"headers", {{"a", json::object()}}}},
         {{"headers", {{"", "x"}}}}, {{"headers", {{"a", std::string(40'000, 'x')}}}}, {{"other", 1}}}) {
    EXPECT_FALSE(web_reply::from_json(wrong)) << wrong;
  }
}

TEST(WebExchange, AQuestionComesBackAsItWas) {
  web_question what{"POST", "/x", {{"a", "1"}, {"a", "2"}}, {{"host", "h"}}, std::string("\xff\0", 2)};
  const auto got = web_question::from_json(what.to_json());
  ASSERT_TRUE(got);
  EXPECT_EQ(got->query, what.query);
  EXPECT_EQ(got->headers, what.headers);
  EXPECT_EQ(got->body, what.body);
  EXPECT_FALSE(web_question::from_json({{"method", "GET"}}));
}

} // namespace
} // namespace troupe
