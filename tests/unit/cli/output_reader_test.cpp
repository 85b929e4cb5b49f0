#include "nodes/troupe/output_reader.hpp"

#include <gtest/gtest.h>

namespace {

using troupe::json;
using troupe::cli::output_reader;
using troupe::cli::output_record;

struct read_output {
  std::string out;
  std::string err;
  output_reader reader{[this](const output_record& record) {
    (record.is_stderr ? err : out) += record.bytes;
    return true;
  }};
};

const std::string three_lines = R"({"seq":0,"stream":"stdout","at":0.1,"data":"a\n"})"
                                "\n"
                                R"({"seq":1,"stream":"stderr","at":0.2,"data":{"$bytes":"AP8="}})"
                                "\n"
                                R"({"end":{"state":"succeeded"},"next":2})"
                                "\n";

TEST(OutputReader, LinesMayBeCutAnywhere) {
  for (std::size_t cut = 0; cut <= three_lines.size(); ++cut) {
    read_output got;
    EXPECT_TRUE(got.reader.take(three_lines.substr(0, cut)));
    EXPECT_TRUE(got.reader.take(three_lines.substr(cut)));
    EXPECT_EQ(got.out, "a\n");
    EXPECT_EQ(got.err, std::string("\0\xff", 2));
    EXPECT_EQ(got.reader.next(), 2U);
    ASSERT_TRUE(got.reader.end_state());
    EXPECT_EQ((*got.reader.end_state())["state"], "succeeded");
  }
}

TEST(OutputReader, ARecordThatComesAgainIsSkipped) {
  read_output got;
  got.reader.take(three_lines.substr(0, 70));
  EXPECT_EQ(got.reader.next(), 1U);
  got.reader.restart();
  got.reader.take(three_lines);
  EXPECT_EQ(got.out, "a\n");
}

TEST(OutputReader, WhatIsNoRecordIsCountedAndSkipped) {
  read_output got;
  got.reader.take(
    "garbage\n[1]\n{\"seq\":-1,\"data\":\"x\"}\n{\"seq\":0,\"data\":5}\n{\"seq\":0,\"data\":{\"$bytes\":\"?\"}}\n\n");
  got.reader.take(three_lines);
  EXPECT_EQ(got.reader.damaged_lines(), 5U);
  EXPECT_EQ(got.out, "a\n");
}

TEST(OutputReader, WithoutAnEndTheLastLineOnlyTellsWhereToReadOn) {
  read_output got;
  got.reader.take("{\"next\":17}\n");
  EXPECT_TRUE(got.reader.saw_last_line());
  EXPECT_FALSE(got.reader.end_state());
  EXPECT_EQ(got.reader.next(), 17U);
}

TEST(OutputReader, TheReceiverCanStopIt) {
  output_reader reader([](const output_record&) { return false; });
  EXPECT_FALSE(reader.take(three_lines));
}

} // namespace
