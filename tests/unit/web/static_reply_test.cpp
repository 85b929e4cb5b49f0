#include "web/routes/static_reply.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace troupe {
namespace {

const static_file_facts file{"a.html", 1'000, 784'111'777, "tag"};

http_request get(std::vector<http_field> fields, std::string method = "GET") {
  http_request out;
  out.method = std::move(method);
  out.fields = std::move(fields);
  return out;
}

std::string field(const static_reply& answer, const std::string& name) {
  const auto found = std::ranges::find(answer.head.fields, name, &http_field::name);
  return found == answer.head.fields.end() ? "" : found->value;
}

TEST(StaticReply, AWholeFileHasItsTypeAndValidators) {
  const auto got = answer_for_file(get({}), file);
  EXPECT_EQ(got.head.status, 200u);
  EXPECT_EQ(got.head.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(field(got, "ETag"), "\"tag\"");
  EXPECT_EQ(field(got, "Last-Modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(got.length, 1'000u);
  EXPECT_EQ(media_type_of("x.PNG"), "image/png");
  EXPECT_EQ(media_type_of("x.unknown"), "application/octet-stream");
  EXPECT_EQ(media_type_of("noend"), "application/octet-stream");
}

TEST(StaticReply, ConditionsAreAnsweredByTagFirstAndThenByTime) {
  const auto status = [](std::vector<http_field> fields) { return answer_for_file(get(std::move(fields)), file).head.status; };
  EXPECT_EQ(status({{"if-none-match", "\"tag\""}}), 304u);
  EXPECT_EQ(status({{"if-none-match", "\"x\", W/\"tag\""}}), 304u);
  EXPECT_EQ(status({{"if-none-match", "*"}}), 304u);
  EXPECT_EQ(status({{"if-none-match", "\"x\""}, {"if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT"}}), 200u);
  EXPECT_EQ(status({{"if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT"}}), 304u);
  EXPECT_EQ(status({{"if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT"}}), 200u);
  EXPECT_EQ(status({{"if-modified-since", "yesterday"}}), 200u);
  EXPECT_EQ(status({{"if-match", "\"x\""}}), 412u);
  EXPECT_EQ(status({{"if-match", "W/\"tag\""}}), 412u) << "weak tags do not match strongly";
  EXPECT_EQ(status({{"if-match", "\"tag\""}}), 200u);
  EXPECT_EQ(status({{"if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT"}}), 412u);
}

TEST(StaticReply, OneRangeIsHeededAndWrongOnesAreRefusedOrLeftOut) {
  struct row {
    const char* range;
    unsigned status;
    std::uint64_t from;
    std::uint64_t length;
  };
  for (const auto& [range, status, from, length] : std::initializer_list<row>{
         {"bytes=0-0", 206, 0, 1}, {"bytes=10-19", 206, 10, 10}, {"bytes=990-", 206, 990, 10}, {"bytes=-5", 206, 995, 5},
         {"bytes=-5000", 206, 0, 1'000}, {"bytes=0-99999999999", 206, 0, 1'000}, {"bytes=1000-", 416, 0, 0}, {"bytes=-0", 416, 0, 0},
         {"bytes=5-4", 200, 0, 1'000}, {"bytes=a-b", 200, 0, 1'000}, {"bytes=-", 200, 0, 1'000}, {"bytes=0-1,5-6", 200, 0, 1'000},
         {"lines=0-1", 200, 0, 1'000}, {"bytes=99999999999999999999-", 200, 0, 1'000}, {"bytes=1-x", 200, 0, 1'000}}) {
    const auto got = answer_for_file(get({{"range", range}}), file);
    EXPECT_EQ(got.head.status, status) << range;
    EXPECT_EQ(got.from, from) << range;
    EXPECT_EQ(got.length, length) << range;
  }
  EXPECT_EQ(field(answer_for_file(get({{"range", "bytes=1-2"}}), file), "Content-Range"), "bytes 1-2/1000");
  EXPECT_EQ(field(answer_for_file(get({{"range", "bytes=1000-"}}), file), "Content-Range"), "bytes */1000");
  EXPECT_EQ(answer_for_file(get({{"range", "bytes=0-0"}, {"if-range", "\"old\""}}), file).head.status, 200u);
  EXPECT_EQ(answer_for_file(get({{"range", "bytes=0-0"}, {"if-range", "\"tag\""}}), file).head.status, 206u);
  EXPECT_EQ(answer_for_file(get({{"range", "bytes=0-0"}}, "HEAD"), file).head.status, 200u);
}

} // namespace
} // namespace troupe
