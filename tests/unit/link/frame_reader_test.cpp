#include "runtime/link/frame_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace {

using namespace troupe;
using bytes = std::vector<std::uint8_t>;
using frames = std::vector<std::pair<frame_type, bytes>>;

bytes encoded(frame_type type, const bytes& payload) {
  bytes made(frame_header_bytes);
  write_frame_header(made.data(), type, static_cast<std::uint32_t>(payload.size()));
  made.insert(made.end(), payload.begin(), payload.end());
  return made;
}

bytes operator+(bytes left, const bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

struct collector {
  frames seen;
  bool operator()(frame_type type, std::span<const std::uint8_t> payload) {
    seen.emplace_back(type, bytes(payload.begin(), payload.end()));
    return true;
  }
};

const bytes three_frames =
  encoded(frame_type::hello, {1, 2, 3}) + encoded(frame_type::ping, {}) + encoded(frame_type::message, bytes(1000, 7));
const frames three{{frame_type::hello, {1, 2, 3}}, {frame_type::ping, {}}, {frame_type::message, bytes(1000, 7)}};

TEST(FrameReader, FramesComeOutWholeHoweverTheStreamIsCut) {
  for (std::size_t piece = 1; piece <= three_frames.size(); ++piece) {
    frame_reader reader{1u << 20};
    collector sink;
    for (std::size_t at = 0; at < three_frames.size(); at += piece) {
      const auto count = std::min(piece, three_frames.size() - at);
      ASSERT_TRUE(reader.feed({three_frames.data() + at, count}, sink));
    }
    ASSERT_EQ(sink.seen, three) << "in pieces of " << piece;
    EXPECT_FALSE(reader.is_inside_frame());
  }
}

TEST(FrameReader, WholeFrameIsHandedOverWhereItLies) {
  frame_reader reader{1u << 20};
  const auto frame = encoded(frame_type::message, {1, 2, 3, 4});
  const std::uint8_t* place = nullptr;
  ASSERT_TRUE(reader.feed(frame, [&](frame_type, std::span<const std::uint8_t> payload) {
    place = payload.data();
    return true;
  }));
  EXPECT_EQ(place, frame.data() + frame_header_bytes);
}

TEST(FrameReader, LengthAboveTheLimitIsRefusedBeforeItsBytesCome) {
  frame_reader reader{100};
  collector sink;
  bytes header(frame_header_bytes);
  write_frame_header(header.data(), frame_type::message, 0x80000000u);
  const auto fed = reader.feed(header, sink);
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().code, error_code::too_large);
  EXPECT_NE(fed.error().text.find("2147483648"), std::string::npos) << fed.error().text;
  EXPECT_TRUE(reader.missing().empty());
  EXPECT_TRUE(sink.seen.empty());
}

TEST(FrameReader, HeaderThatComesByteByByteIsCheckedToo) {
  frame_reader reader{100};
  collector sink;
  bytes header(frame_header_bytes);
  write_frame_header(header.data(), frame_type::message, 101);
  for (std::size_t i = 0; i + 1 < header.size(); ++i)
    ASSERT_TRUE(reader.feed({&header[i], 1}, sink));
  EXPECT_FALSE(reader.feed({&header.back(), 1}, sink));
}

TEST(FrameReader, UnknownTypeIsRefused) {
  for (const std::uint8_t type : {0, 10, 255}) {
    frame_reader reader{100};
    collector sink;
    const auto fed = reader.feed(bytes{1, 0, 0, 0, type, 9}, sink);
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code, error_code::bad_request);
  }
}

TEST(FrameReader, LimitRaisedInsideOfTheSinkHoldsForTheNextFrame) {
  frame_reader reader{4};
  const auto stream = encoded(frame_type::hello, {1}) + encoded(frame_type::message, bytes(50, 1));
  std::size_t count = 0;
  ASSERT_TRUE(reader.feed(stream, [&](frame_type, std::span<const std::uint8_t>) {
    reader.limit(64);
    ++count;
    return true;
  }));
  EXPECT_EQ(count, 2u);
}

TEST(FrameReader, SinkThatReturnsFalseEndsTheCall) {
  frame_reader reader{1u << 20};
  std::size_t count = 0;
  ASSERT_TRUE(reader.feed(three_frames, [&](frame_type, std::span<const std::uint8_t>) { return ++count < 2; }));
  EXPECT_EQ(count, 2u);
}

TEST(FrameReader, RestOfLargeFrameCanBePutInPlaceDirectly) {
  frame_reader reader{1u << 20};
  collector sink;
  const bytes payload(1000, 5);
  const auto frame = encoded(frame_type::message, payload);
  ASSERT_TRUE(reader.feed({frame.data(), 105}, sink));
  ASSERT_EQ(reader.missing().size(), 900u);
  std::fill_n(reader.missing().begin(), 900, std::uint8_t{5});
  reader.filled(400, sink);
  EXPECT_TRUE(reader.is_inside_frame());
  reader.filled(500, sink);
  EXPECT_EQ(sink.seen, (frames{{frame_type::message, payload}}));
  ASSERT_TRUE(reader.feed(three_frames, sink));
  EXPECT_EQ(sink.seen.size(), 4u);
}

} // namespace
