#include <runtime/observer/control_frame.hpp>
#include <runtime/observer/run_plan.hpp>
#include <runtime/observer/run_result.hpp>
#include <runtime/observer/spool_format.hpp>
#include <runtime/observer/utf8_tail.hpp>

#include <gtest/gtest.h>

#include <random>

namespace troupe {
namespace {

using namespace std::chrono_literals;

TEST(ControlFrame, FramesArriveWholeHoweverTheBytesAreCut) {
  const auto bytes = encode_frame(control_type::signal, json{{"signal", 10}}) +
                     encode_frame(control_type::input, std::string_view{"\0\xff raw", 6}) +
                     encode_frame(control_type::close_input, std::string_view{});
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    control_decoder decoder;
    std::vector<control_frame> got;
    for (std::size_t i = 0; i < bytes.size(); i += step) {
      decoder.feed(std::string_view{bytes}.substr(i, step));
      for (auto frame = decoder.next(); frame && *frame; frame = decoder.next()) {
        got.push_back(**frame);
      }
    }
    ASSERT_EQ(got.size(), 3u) << step;
    EXPECT_EQ(got[0].body()["signal"], 10);
    EXPECT_EQ(got[1].payload, (std::string{"\0\xff raw", 6}));
    EXPECT_EQ(got[2].type, control_type::close_input);
  }
}

TEST(ControlFrame, LengthAboveTheLimitIsRefusedBeforeTheBytesCome) {
  control_decoder decoder;
  decoder.feed(std::string_view{"\xff\xff\xff\x7f\x02", 5});
  const auto got = decoder.next();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, error_code::too_large);
}

TEST(ControlFrame, UnknownTypeIsRefused) {
  control_decoder decoder;
  decoder.feed(std::string_view{"\0\0\0\0\x30", 5});
  EXPECT_FALSE(decoder.next());
}

TEST(ControlFrame, GarbageNeverThrows) {
  std::mt19937 random{1};
  for (int round = 0; round < 2'000; ++round) {
    control_decoder decoder;
    std::string bytes(40, '\0');
    for (auto& byte : bytes) {
      byte = static_cast<char>(random());
    }
    bytes[1] = bytes[2] = bytes[3] = 0;
    decoder.feed(bytes);
    for (auto frame = decoder.next(); frame && *frame; frame = decoder.next()) {
      const auto body = (*frame)->body();
      (void)run_plan_from_json(body);
      (void)run_result_from_json(body);
    }
  }
}

TEST(RunPlan, SurvivesItsTravel) {
  run_plan plan;
  plan.id = "1";
  plan.folder = "/runs/1";
  plan.argv = {"a", "\xff not text"};
  plan.env = {{"A", "\xfe"}};
  plan.stdin_open = true;
  plan.timeout = 1'500ms;
  plan.spool_limit = 7;
  control_decoder decoder;
  decoder.feed(encode_frame(control_type::plan, to_json(plan)));
  const auto got = run_plan_from_json((*decoder.next())->body());
  ASSERT_TRUE(got);
  EXPECT_EQ(to_json(*got), to_json(plan));
  plan.timeout.reset();
  EXPECT_FALSE(run_plan_from_json(to_json(plan))->timeout);
}

TEST(RunPlan, WithoutACommandIsRefused) {
  run_plan plan;
  plan.id = "1";
  plan.folder = "/runs/1";
  EXPECT_FALSE(run_plan_from_json(to_json(plan)));
  EXPECT_FALSE(run_plan_from_json(json{}));
  EXPECT_FALSE(run_plan_from_json(json{{"id", 5}}));
}

TEST(RunResult, SurvivesItsTravelAndKeepsCodeAndSignalApart) {
  run_result made;
  made.outcome = run_outcome::timed_out;
  made.signal = 9;
  made.reason = "limit";
  made.duration_s = 1.5;
  made.progress = {3, 10, 20};
  const auto got = run_result_from_json(json::parse(to_json(made).dump()));
  ASSERT_TRUE(got);
  EXPECT_EQ(to_json(*got), to_json(made));
  EXPECT_FALSE(got->exit_code);
  EXPECT_EQ(got->signal, 9);
  EXPECT_FALSE(run_result_from_json({{"outcome", "great"}}));
}

TEST(SpoolHeader, SurvivesItsTravelAndGarbageIsNoHeader) {
  const spool_header made{77, spool_stream::err, 123'456'789'012ns};
  const auto got = spool_header::decode(made.encode().data());
  ASSERT_TRUE(got);
  EXPECT_EQ(got->length, 77u);
  EXPECT_EQ(got->stream, spool_stream::err);
  EXPECT_EQ(got->at, 123'456'789'012ns);
  auto bytes = made.encode();
  bytes[4] = 4;
  EXPECT_FALSE(spool_header::decode(bytes.data()));
  bytes = made.encode();
  bytes[3] = 0xff;
  EXPECT_FALSE(spool_header::decode(bytes.data()));
}

TEST(Utf8Tail, CountsTheBytesOfACharacterThatMayStillCome) {
  const std::string euro = "€";
  const std::string clef = "𝄞";
  EXPECT_EQ(utf8_tail(""), 0u);
  EXPECT_EQ(utf8_tail("abc"), 0u);
  EXPECT_EQ(utf8_tail("a" + euro), 0u);
  EXPECT_EQ(utf8_tail("a" + euro.substr(0, 1)), 1u);
  EXPECT_EQ(utf8_tail("a" + euro.substr(0, 2)), 2u);
  EXPECT_EQ(utf8_tail("a" + clef.substr(0, 3)), 3u);
  EXPECT_EQ(utf8_tail(clef), 0u);
  EXPECT_EQ(utf8_tail("\xff"), 0u) << "never a character";
  EXPECT_EQ(utf8_tail("\x80\x80\x80\x80"), 0u);
}

} // namespace
} // namespace troupe
