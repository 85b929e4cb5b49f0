#include "runtime/message/cbor_check.hpp"
#include "runtime/message/wire.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

using namespace troupe;

namespace {

using bytes = std::vector<std::uint8_t>;

const auto link_origin = std::make_shared<const std::string>("king.first.process_0");

/// A message with the optional fields whose bits are set in `which`.
message_ptr sample(unsigned which, json body) {
  message_fields fields;
  fields.command = "tick";
  fields.recipient.entity = "greeter";
  fields.number = (std::uint64_t{7} << 32) + which;
  fields.body = std::move(body);
  fields.recipient.node = which & 1 ? "first.process_1.admin" : "";
  if (which & 2) {
    fields.sender = address{"first.process_0.admin", "_4294967297"};
  }
  fields.timeout_s = which & 4 ? 0.1 : 0;
  fields.user = which & 8 ? "olga" : "";
  if (which & 16) {
    fields.trace = {{"first", 1}, {"second", std::uint64_t{1} << 63}};
  }
  fields.origin = which & 32 ? std::make_shared<const std::string>("king.second.main") : link_origin;
  return std::make_shared<const message>(std::move(fields));
}

bytes encoded(const message& what) {
  bytes out;
  wire::encode(what, *link_origin, out);
  return out;
}

void expect_same(const message& left, const message& right) {
  EXPECT_EQ(left.to_json(), right.to_json());
  EXPECT_EQ(left.timeout_s(), right.timeout_s());
  ASSERT_EQ(left.trace().size(), right.trace().size());
  for (std::size_t i = 0; i < left.trace().size(); ++i) {
    EXPECT_EQ(left.trace()[i].actor, right.trace()[i].actor);
    EXPECT_EQ(left.trace()[i].ask, right.trace()[i].ask);
  }
}

json random_json(std::mt19937_64& dice, int depth) {
  static const std::uint64_t edges[] = {0, 23, 24, 255, 256, 65'535, 65'536, 0xffffffff, 0x100000000, UINT64_MAX};
  static const double reals[] = {0.0, -0.0, 0.5, 0.1, 1e300, 1e-320, -3.25, 16'777'217.0,
                                 std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  static const std::size_t sizes[] = {0, 1, 23, 24, 255, 256, 70'000};
  switch (dice() % (depth > 0 ? 10 : 8)) {
  case 0:
    return nullptr;
  case 1:
    return dice() % 2 == 0;
  case 2:
    return edges[dice() % std::size(edges)];
  case 3:
    return -static_cast<std::int64_t>(edges[dice() % 9]) - 1;
  case 4:
    return reals[dice() % std::size(reals)];
  case 5:
    return std::string(sizes[dice() % std::size(sizes)], 'x');
  case 6:
    return json::binary(bytes(sizes[dice() % std::size(sizes)], 0xab));
  case 7:
    return json::binary(bytes(5, 1), edges[dice() % std::size(edges)]);
  case 8: {
    json list = json::array();
    for (auto left = dice() % 30; left > 0; --left) {
      list.push_back(random_json(dice, depth - 1));
    }
    return list;
  }
  default: {
    json object = json::object();
    for (auto left = dice() % 30; left > 0; --left) {
      object[std::to_string(dice() % 1000)] = random_json(dice, depth - 1);
    }
    return object;
  }
  }
}

} // namespace

TEST(Wire, EveryCombinationOfFieldsComesBackAsItWas) {
  const json bodies[] = {nullptr, json::object(), json{{"name", "x"}, {"list", {1, -2, 0.5}}}, json::binary({1, 2, 3}), "text"};
  for (unsigned which = 0; which < 64; ++which) {
    for (const auto& body : bodies) {
      auto what = sample(which, body);
      auto back = wire::decode(encoded(*what), link_origin);
      ASSERT_TRUE(back) << which;
      expect_same(*what, **back);
    }
  }
}

TEST(Wire, TheOriginOfTheLinkTakesNoBytes) {
  EXPECT_LT(encoded(*sample(0, nullptr)).size() + 10, encoded(*sample(32, nullptr)).size());
}

TEST(Wire, ARelayPassesABodyOnByteForByteAlsoIfItIsNoCbor) {
  auto frame = encoded(*sample(63, "text"));
  frame[frame.size() - 5] = 0xff; // the body's head: no CBOR any more
  auto relayed = wire::decode(frame, link_origin);
  ASSERT_TRUE(relayed);
  EXPECT_EQ(encoded(**relayed), frame);
  EXPECT_EQ((*relayed)->body(), json(nullptr));
  EXPECT_EQ(encoded(**relayed), frame) << "reading the body must not change what is passed on";
}

TEST(Wire, AFrameCutAnywhereIsRefusedOrHasAnUnreadableBodyAndNeverMore) {
  const auto whole = encoded(*sample(63, json{{"key", {1, 2, "three"}}}));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    if (auto back = wire::decode(cut, link_origin)) {
      EXPECT_EQ((*back)->body(), json(nullptr)) << size;
    } else {
      EXPECT_EQ(back.error().code, error_code::bad_request);
    }
  }
}

TEST(Wire, AFrameWithAnyByteChangedNeverCrashesTheReader) {
  const auto whole = encoded(*sample(63, json{{"key", {1, 2, "three"}}}));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int value = 0; value < 256; value += 5) {
      auto damaged = whole;
      damaged[at] = static_cast<std::uint8_t>(value);
      if (auto back = wire::decode(damaged, link_origin)) {
        (void)(*back)->body();
        (void)encoded(**back);
      }
    }
  }
}

TEST(Wire, ALengthAboveTheFrameIsRefusedWithoutTakingMemory) {
  const bytes hostile{0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 't'};
  EXPECT_FALSE(wire::decode(hostile, link_origin));
  const bytes hops{16, 1, 1, 't', 1, 'a', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 'b'};
  EXPECT_FALSE(wire::decode(hops, link_origin));
}

TEST(Wire, ATimeoutThatIsNoTimeIsTakenAsNoneGiven) {
  for (double odd : {std::nan(""), -1.0}) {
    message_fields fields;
    fields.command = "tick";
    fields.recipient.entity = "greeter";
    fields.timeout_s = 1.0;
    auto frame = encoded(message{std::move(fields)});
    std::memcpy(frame.data() + frame.size() - 1 - sizeof(odd), &odd, sizeof(odd));
    auto back = wire::decode(frame, link_origin);
    ASSERT_TRUE(back);
    EXPECT_EQ((*back)->timeout_s(), 0);
  }
}

TEST(Wire, ABodyNestedAMillionTimesIsRefusedInsteadOfOverflowingTheStack) {
  auto frame = encoded(*sample(0, nullptr));
  frame.pop_back();
  frame.resize(frame.size() + 1'000'000, 0x81);
  auto back = wire::decode(frame, link_origin);
  if (back) {
    EXPECT_EQ((*back)->body(), json(nullptr));
  }
}

TEST(Wire, ACountAboveWhatIsLeftIsRefusedInsteadOfThrownByTheReader) {
  for (std::uint8_t head : {0x9b, 0xbb}) {
    auto frame = encoded(*sample(0, nullptr));
    frame.pop_back();
    frame.push_back(head);
    frame.resize(frame.size() + 8, 0x63);
    EXPECT_FALSE(wire::decode(frame, link_origin));
    EXPECT_EQ(read_cbor(std::span{frame}.last(9)), json(nullptr));
  }
}

TEST(Wire, WhatTheReaderOfControlFramesTakesIsWhatTheEncoderWrote) {
  std::mt19937_64 dice{5};
  for (int round = 0; round < 3; ++round) {
    auto value = json::parse(random_json(dice, 3).dump(), nullptr, false);
    if (!value.is_discarded()) {
      ASSERT_EQ(read_cbor(json::to_cbor(value)), value);
    }
  }
  json nested = 1;
  for (int level = 0; level < 1000; ++level) {
    json outer = json::array();
    outer.push_back(std::move(nested));
    nested = std::move(outer);
  }
  EXPECT_EQ(read_cbor(json::to_cbor(nested)), nested);
  EXPECT_EQ(read_cbor(json::to_cbor(json::array({nested}))), json(nullptr));
}

TEST(CborSize, IsWhatTheEncoderWrites) {
  std::mt19937_64 dice{20'231};
  const auto without_body = encoded(*sample(0, nullptr)).size() - 1;
  for (int round = 0; round < 100; ++round) {
    const auto value = random_json(dice, 3);
    const auto frame = encoded(*sample(0, value)).size();
    ASSERT_EQ(wire::cbor_size(value, SIZE_MAX), frame - without_body) << "round " << round;
  }
}

TEST(CborSize, SaysMoreThanEnoughForAValueThatIsNestedTooDeepForTheEncoder) {
  json deep = nullptr;
  for (int level = 0; level < 200'000; ++level) {
    json outer = json::array();
    outer.push_back(std::move(deep));
    deep = std::move(outer);
  }
  EXPECT_GT(wire::cbor_size(deep, 1 << 20), std::size_t{1} << 20);
}

TEST(CborSize, StopsCountingSoonAfterEnough) {
  json many = json::array();
  for (int i = 0; i < 100'000; ++i) {
    many.push_back("0123456789");
  }
  const auto size = wire::cbor_size(many, 1000);
  EXPECT_GT(size, 1000u);
  EXPECT_LT(size, 2000u);
}
