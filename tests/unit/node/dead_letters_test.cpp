#include "runtime/node/dead_letters.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

message numbered(std::uint64_t number) {
  message_fields fields;
  fields.command = "greet";
  fields.recipient = "nobody";
  fields.body = "a secret";
  fields.number = number;
  fields.origin = std::make_shared<const std::string>("king.first.main");
  return message{std::move(fields)};
}

} // namespace

TEST(DeadLetters, CountsByReasonAlsoWhatItNoLongerKeeps) {
  dead_letters letters{2};
  for (std::uint64_t i = 0; i < 3; ++i) {
    letters.add(numbered(i), "not_found");
  }
  letters.add(numbered(3), "mailbox_full");
  const auto report = letters.to_json(10);
  EXPECT_EQ(letters.count(), 4u);
  EXPECT_EQ(report["count"], 4);
  EXPECT_EQ(report["reasons"], (json{{"not_found", 3}, {"mailbox_full", 1}}));
  EXPECT_EQ(report["newest"].size(), 2u);
}

TEST(DeadLetters, ListsTheNewestLastAndNoMoreThanAsked) {
  dead_letters letters;
  for (std::uint64_t i = 0; i < 5; ++i) {
    letters.add(numbered(i), "not_found");
  }
  const auto newest = letters.to_json(2)["newest"];
  ASSERT_EQ(newest.size(), 2u);
  EXPECT_EQ(newest[0]["mid"], "king.first.main.3");
  EXPECT_EQ(newest[1]["mid"], "king.first.main.4");
  EXPECT_EQ(letters.to_json(0)["newest"], json::array());
}

TEST(DeadLetters, SaysWhatWasForWhomAndNeverTheBody) {
  dead_letters letters;
  letters.add(numbered(1), "not_found");
  const auto letter = letters.to_json(1)["newest"][0];
  EXPECT_EQ(letter, (json{{"reason", "not_found"},
                          {"mid", "king.first.main.1"},
                          {"command", "greet"},
                          {"recipient", "nobody"},
                          {"sender", nullptr}}));
}
