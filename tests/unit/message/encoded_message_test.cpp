#include "runtime/message/encoded_message.hpp"
#include "runtime/message/wire.hpp"

#include <gtest/gtest.h>

#include <thread>

using namespace troupe;

namespace {

message_fields fields() {
  message_fields made;
  made.command = "tick";
  made.recipient.entity = "greeter";
  return made;
}

/// A value whose CBOR has exactly so many bytes.
json text_of(std::size_t encoded_size) {
  json text = std::string(encoded_size - 1, 'x');
  while (wire::cbor_size(text, 1u << 20) > encoded_size) {
    text.get_ref<std::string&>().pop_back();
  }
  return text;
}

message_ptr encoded(const json& body) { return make_encoded_message(fields(), json::to_cbor(body)); }

// Around the borders between bodies that lie in the message and those that do not.
constexpr std::size_t sizes[] = {1, 2, 63, 64, 65, 511, 512, 513, 2047, 2048, 2049, 100'000};

} // namespace

TEST(EncodedMessage, GivesTheBodyOfItsBytesWhereverTheyLie) {
  for (auto size : sizes) {
    const auto body = text_of(size);
    auto bytes = json::to_cbor(body);
    const auto what = make_encoded_message(fields(), bytes);
    std::ranges::fill(bytes, 0xff); // the message has its own
    EXPECT_EQ(what->body(), body) << size;
    EXPECT_TRUE(what->is("tick"));
  }
}

TEST(EncodedMessage, KeepsItsBytesForARelayAfterTheBodyWasRead) {
  for (auto size : sizes) {
    const auto bytes = json::to_cbor(text_of(size));
    const auto what = make_encoded_message(fields(), bytes);
    (void)what->body();
    const auto& kept = what->encoded();
    EXPECT_EQ(std::vector<std::uint8_t>(kept.data, kept.data + kept.size), bytes) << size;
  }
}

TEST(EncodedMessage, WithTheBodyOfAnotherMessageOutlivesThat) {
  for (auto size : sizes) {
    auto first = encoded(text_of(size));
    const auto second = make_encoded_message(fields(), first->encoded());
    first.reset();
    EXPECT_EQ(second->body(), text_of(size)) << size;
  }
}

TEST(EncodedMessage, SharesALargeBodyInsteadOfCopyingIt) {
  const auto first = encoded(text_of(100'000));
  EXPECT_EQ(make_encoded_message(fields(), first->encoded())->encoded().data, first->encoded().data);
}

TEST(EncodedMessage, ABodyWithoutMemoryOfItsOwnIsReadAtOnce) {
  for (const json& body : {json(nullptr), json(true), json(7), json(-7), json(0.5), json(UINT64_MAX)}) {
    const auto what = encoded(body);
    EXPECT_EQ(what->encoded().data, nullptr) << body;
    EXPECT_EQ(what->body(), body);
  }
}

TEST(EncodedMessage, ABodyThatIsNoCborReadsAsNull) {
  for (const std::vector<std::uint8_t>& damaged :
       {std::vector<std::uint8_t>{}, {0xff}, {0x18}, {0x63, 'a'}, {0x82, 1}, {0x01, 0x01}}) {
    EXPECT_EQ(make_encoded_message(fields(), damaged)->body(), json(nullptr));
  }
}

TEST(EncodedMessage, ManyThreadsReadOneBody) {
  const auto what = encoded(json{{"list", {1, 2, 3}}, {"text", std::string(1000, 'x')}});
  std::atomic<int> same{0};
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 4; ++i) {
      readers.emplace_back([&] { same += what->body().at("list").size() == 3 ? 1 : 0; });
    }
  }
  EXPECT_EQ(same, 4);
}
