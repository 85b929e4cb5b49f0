#include "runtime/message/cbor.hpp"
#include "runtime/message/wire.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace troupe;

namespace {

using bytes = std::vector<std::uint8_t>;

bytes written(const json& value) {
  bytes out;
  write_cbor(value, out);
  return out;
}

std::vector<json> samples() {
  return {nullptr,
          true,
          false,
          0,
          23,
          24,
          -1,
          -24,
          -25,
          255,
          256,
          65'535,
          65'536,
          std::uint64_t{1} << 32,
          std::numeric_limits<std::uint64_t>::max(),
          std::numeric_limits<std::int64_t>::min(),
          0.5,
          1e300,
          "",
          std::string(300, 'x'),
          "привет",
          json::binary({0, 1, 255}),
          json::array(),
          json::object(),
          json{{"b", {1, "two", nullptr, {{"deep", {-7, 2.5}}}}}, {"a", json::array({json::array()})}}};
}

bytes nested(int levels) {
  bytes all(static_cast<std::size_t>(levels), 0x81);
  all.push_back(0xf6);
  return all;
}

} // namespace

TEST(CborTest, WhatWeWriteIsReadBackByUsAndByTheLibrary) {
  for (const auto& value : samples()) {
    const auto out = written(value);
    EXPECT_EQ(read_plain_cbor(out), value) << value;
    EXPECT_EQ(json::from_cbor(out), value) << value;
    EXPECT_EQ(out.size(), wire::cbor_size(value, 1 << 20)) << value;
  }
}

TEST(CborTest, WhatTheLibraryWritesIsReadTheSame) {
  for (const auto& value : samples()) {
    EXPECT_EQ(read_plain_cbor(json::to_cbor(value)), value) << value;
  }
}

TEST(CborTest, EveryCutAndEveryAddedByteIsFoundOut) {
  for (const auto& value : samples()) {
    auto out = written(value);
    for (std::size_t size = 0; size < out.size(); ++size) {
      EXPECT_FALSE(read_plain_cbor({out.data(), size})) << value << " cut to " << size;
    }
    out.push_back(0);
    EXPECT_FALSE(read_plain_cbor(out)) << value;
  }
}

TEST(CborTest, AnnouncedLengthsTakeNoMemory) {
  for (const std::uint8_t head : {0x5b, 0x7b, 0x9b, 0xbb}) {
    const bytes lie{head, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00};
    EXPECT_FALSE(read_plain_cbor(lie)) << static_cast<int>(head);
  }
}

TEST(CborTest, UnusualFormsAreLeftToTheLibrary) {
  EXPECT_FALSE(read_plain_cbor(bytes{0x9f, 0x01, 0xff})) << "an array without a length";
  EXPECT_FALSE(read_plain_cbor(bytes{0xf9, 0x3c, 0x00})) << "a half float";
  EXPECT_FALSE(read_plain_cbor(bytes{0xc0, 0x01})) << "a tag";
  EXPECT_FALSE(read_plain_cbor(bytes{0xa1, 0x01, 0x01})) << "a key that is no text";
  EXPECT_TRUE(read_plain_cbor(nested(255)));
  EXPECT_FALSE(read_plain_cbor(nested(256))) << "too many levels";
}
