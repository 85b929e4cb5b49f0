#include "runtime/bridge/bridge_frame.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace troupe {
namespace {

std::string frame(int kind, const std::string& payload) {
  std::string out;
  for (int i = 0; i < 4; ++i) {
    out += static_cast<char>(payload.size() >> (8 * i) & 0xff);
  }
  return out + static_cast<char>(kind) + payload;
}

void feed(bridge_decoder& decoder, const std::string& bytes) {
  const auto room = decoder.prepare();
  ASSERT_GE(room.size, bytes.size());
  std::memcpy(room.data, bytes.data(), bytes.size());
  decoder.commit(bytes.size());
}

std::string problem_of(const std::string& bytes) {
  bridge_decoder decoder;
  feed(decoder, bytes);
  for (;;) {
    const auto next = decoder.next();
    if (!next) {
      return next.error().text;
    }
    if (!*next) {
      return {};
    }
  }
}

TEST(BridgeFrame, AHeaderIsLengthThenKind) {
  const auto header = make_bridge_header(bridge_kind::binary, true, 0x10203);
  EXPECT_EQ(std::string(header.data(), header.size()), std::string("\x03\x02\x01\x00\x82", 5));
}

TEST(BridgeFrame, FramesComeOutHoweverTheBytesAreCut) {
  const auto bytes = frame(1, "one") + frame(2, "") + frame(0x81, "ab") + frame(1, "c") + frame(3, "\xe8\x03" "bye");
  bridge_decoder decoder;
  std::vector<std::string> seen;
  for (const char byte : bytes) {
    feed(decoder, std::string(1, byte));
    auto next = decoder.next();
    ASSERT_TRUE(next) << next.error().text;
    if (*next) {
      const auto& one = **next;
      seen.push_back(std::to_string(static_cast<int>(one.kind)) + (one.more ? "+" : "") + (one.first ? "!" : "") + ":" +
                     std::string(one.payload) + (one.code != 0 ? ":" + std::to_string(one.code) : ""));
    }
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"1!:one", "2!:", "1+!:ab", "1:c", "3!:bye:1000"}));
}

TEST(BridgeFrame, TheLargestFrameFitsWhateverCameBefore) {
  bridge_decoder decoder;
  feed(decoder, frame(1, "x") + frame(2, std::string(10, 'y')).substr(0, 8));
  ASSERT_TRUE(decoder.next()->has_value());
  ASSERT_FALSE(decoder.next()->has_value());
  feed(decoder, std::string(7, 'y'));
  ASSERT_TRUE(decoder.next()->has_value());
  const auto large = frame(2, std::string(most_bridge_payload, 'z'));
  feed(decoder, large);
  const auto got = decoder.next();
  ASSERT_TRUE(got && *got);
  EXPECT_EQ((*got)->payload.size(), most_bridge_payload);
}

TEST(BridgeFrame, WhatIsNoFrameIsRefusedBeforeItsBytesCome) {
  EXPECT_NE(problem_of(std::string("\x01\x00\x01\x00\x01", 5)), "") << "65537 bytes";
  EXPECT_NE(problem_of(std::string("\xff\xff\xff\xff\x01", 5)), "");
  for (const int kind : {0, 4, 0x83, 0x80, 0x7f, 0xff}) {
    EXPECT_NE(problem_of(frame(kind, "ab")), "") << kind;
  }
  EXPECT_NE(problem_of(frame(3, "x")), "") << "a close without a code";
  EXPECT_NE(problem_of(frame(3, std::string(126, 'x'))), "") << "a reason that no websocket could carry";
  EXPECT_NE(problem_of(frame(0x81, "a") + frame(2, "b")), "") << "a message with two kinds";
  EXPECT_EQ(problem_of(frame(0x81, "a") + frame(3, "\xe8\x03")), "") << "a close may come in the middle";
}

TEST(BridgeFrame, ALongReasonIsCutBetweenCharacters) {
  const auto made = make_close_frame(4000, std::string(122, 'a') + "й");
  bridge_decoder decoder;
  feed(decoder, made);
  const auto got = decoder.next();
  ASSERT_TRUE(got && *got);
  EXPECT_EQ((*got)->payload, std::string(122, 'a'));
  EXPECT_EQ((*got)->code, 4000);
}

TEST(BridgeFrame, CodesThatNeverTravelCannotBeGiven) {
  for (const int code : {1000, 1001, 1011, 3000, 4999}) {
    EXPECT_TRUE(can_close_with(static_cast<std::uint16_t>(code))) << code;
  }
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 2999, 5000}) {
    EXPECT_FALSE(can_close_with(static_cast<std::uint16_t>(code))) << code;
  }
}

} // namespace
} // namespace troupe
