#include "runtime/supervision/supervision_spec.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

std::string problem_of(const char* text) {
  auto got = parse_supervision(json::parse(text));
  return got ? "none" : got.error().field + ": " + got.error().expected;
}

} // namespace

TEST(SupervisionSpec, NothingSaidMeansResumeAndPermanentWithFiveRestartsInTenSeconds) {
  for (const auto& nothing : {json(nullptr), json::object()}) {
    auto got = parse_supervision(nothing);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->on_failure, failure_action::resume);
    EXPECT_TRUE(got->permanent);
    EXPECT_EQ(got->limits.max_restarts, 5u);
    EXPECT_EQ(got->limits.window.count(), 10);
    EXPECT_EQ(got->limits.backoff.count(), 0.1);
    EXPECT_EQ(got->limits.max_backoff.count(), 30);
  }
}

TEST(SupervisionSpec, EveryKeyIsReadAndWrittenBackTheSame) {
  const auto text = json::parse(R"({"on_failure": "restart", "restart": "temporary", "max_restarts": 2, "window_s": 0.5,
                                    "backoff_s": 0, "max_backoff_s": 3, "group": "pair"})");
  auto got = parse_supervision(text);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->on_failure, failure_action::restart);
  EXPECT_FALSE(got->permanent);
  EXPECT_EQ(got->limits.max_restarts, 2u);
  EXPECT_EQ(got->group, "pair");
  EXPECT_EQ(*parse_supervision(got->to_json()), *got);
  EXPECT_EQ(*parse_supervision(supervision_spec{}.to_json()), supervision_spec{});
  EXPECT_EQ(parse_supervision(json{{"on_failure", "stop"}})->on_failure, failure_action::stop);
}

TEST(SupervisionSpec, AProblemNamesTheFieldAndWhatBelongsThere) {
  EXPECT_EQ(problem_of("5"), "supervision: an object, as {\"on_failure\": \"restart\"}");
  EXPECT_EQ(problem_of(R"({"on_failure": "explode"})"), "supervision.on_failure: one of resume, restart, stop");
  EXPECT_EQ(problem_of(R"({"on_failure": null})"), "supervision.on_failure: one of resume, restart, stop");
  EXPECT_EQ(problem_of(R"({"restart": true})"), "supervision.restart: permanent or temporary");
  EXPECT_EQ(problem_of(R"({"max_restarts": -1})"), "supervision.max_restarts: an integer from 0 to 1000000");
  EXPECT_EQ(problem_of(R"({"max_restarts": 1e10})"), "supervision.max_restarts: an integer from 0 to 1000000");
  EXPECT_EQ(problem_of(R"({"window_s": 0})"), "supervision.window_s: seconds, from 0.001 to a year");
  EXPECT_EQ(problem_of(R"({"backoff_s": "soon"})"), "supervision.backoff_s: seconds, from 0 to a year");
  EXPECT_EQ(problem_of(R"({"max_backoff_s": 1e300})"), "supervision.max_backoff_s: seconds, from 0 to a year");
  EXPECT_EQ(problem_of(R"({"group": 1})"), "supervision.group: the name of a group of the configuration");
  EXPECT_NE(problem_of(R"({"on_failur": "stop"})").find("supervision.on_failur: no such key"), std::string::npos);
}
