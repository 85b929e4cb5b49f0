#include "runtime/text_json/base64.hpp"
#include "runtime/text_json/text_json.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace troupe {
namespace {

using namespace std::string_literals;

TEST(TextJsonTest, WhatIsNoJsonIsRefusedWithAReason) {
  const std::vector<std::string> cases = {
    "", " ", "\n", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[\"a\" 1]", "{\"a\"}", "{\"a\":}",
    "{\"a\":1,}", "{,}", "{a:1}", "{'a':1}", "{1:1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":1}}", "{\"a\":1}#", "[1]x",
    "1 2", "nul", "tru", "fals", "True", "None", "NaN", "[NaN]", "Infinity", "-Infinity", "[-]", "[+1]", "[01]", "[-01]", "[1.]",
    "[.5]", "[1e]", "[1e+]", "[0x1]", "[1_000]", "[1e1.5]", "[--1]", "[1-]", "\"", "\"a", "'a'", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"",
    "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "\"\\\"", "\"a\nb\"", "\"a\tb\"", "\"a\0b\""s, "\0"s, "[1\0]"s, "\"\x80\"",
    "\"\xc0\xaf\"", "\"\xe0\x80\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xff\"", "\"\xc3\"", "\xff\xfe[\0]\0"s,
    "[1]/*x*/", "//x\n1", "[\f1]", "[\xc2\xa0" "1]", "<json>", "{\"a\":1e400}", "[-1e400]", "[1e99999999999]", "[18446744073709551616]",
    "[-9223372036854775809]", "[123456789012345678901234567890]", std::string(100'000, '['), std::string(257, '[') + std::string(257, ']'),
  };
  EXPECT_GE(cases.size(), 60u);
  for (const auto& text : cases) {
    const auto parsed = parse_text_json(text);
    ASSERT_FALSE(parsed) << text.substr(0, 60);
    EXPECT_EQ(parsed.error().code, error_code::bad_request);
    EXPECT_FALSE(parsed.error().text.empty());
  }
  std::string objects;
  for (int i = 0; i < 50'000; ++i) {
    objects += "{\"a\":";
  }
  EXPECT_FALSE(parse_text_json(objects));
}

TEST(TextJsonTest, WhatIsJsonKeepsItsValue) {
  const std::vector<std::string> cases = {
    "null", "true", "false", "0", "-0", "[]", "{}", "\"\"", "[[]]", "[1,2]", "{\"a\":{\"b\":[null]}}", "18446744073709551615",
    "-9223372036854775808", "1.5", "[1E+2]", "\"\\u0000\"", "\"\\ud834\\udd1e\"", "\"\xf0\x9d\x84\x9e\"", "\"\xe2\x82\xac\"",
    " [ 1 ] ", "\"\\/\"", "1e-400", "{\"\":0}", std::string(256, '[') + std::string(256, ']'),
  };
  for (const auto& text : cases) {
    const auto parsed = parse_text_json(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().text;
    EXPECT_EQ(*parsed, json::parse(text)) << text;
  }
}

TEST(TextJsonTest, ManySmallValuesAreRefusedBeforeTheyTakeMemory) {
  std::string text = "[0";
  for (int i = 0; i < 1000; ++i) {
    text += ",0";
  }
  text += "]";
  EXPECT_TRUE(parse_text_json(text, {.max_values = 1002}));
  EXPECT_FALSE(parse_text_json(text, {.max_values = 1001}));
}

TEST(TextJsonTest, BytesTravelAsBase64AndComeBack) {
  const json value{{"a", json::binary({0, 255, 7})}, {"b", {json::binary({}), 1}}};
  const auto text = dump_text_json(value);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, R"({"a":{"$bytes":"AP8H"},"b":[{"$bytes":""},1]})");
  const auto back = from_text_json(json::parse(*text));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, value);
}

TEST(TextJsonTest, BytesThatAreNoBase64AreRefusedAndOtherKeysAreNoBytes) {
  for (const char* text : {R"({"$bytes":"%"})", R"({"$bytes":"A"})", R"({"$bytes":"AA=A"})", R"({"$bytes":"AB=="})",
                           R"({"$bytes":7})", R"([{"a":{"$bytes":null}}])", R"({"$bytes":"AP8H\n"})"}) {
    EXPECT_FALSE(from_text_json(json::parse(text))) << text;
  }
  const auto two = json::parse(R"({"$bytes":"AP8H","more":1})");
  EXPECT_EQ(from_text_json(two).value(), two);
}

TEST(TextJsonTest, WhatIsNoUtf8IsWrittenWithReplacements) {
  EXPECT_EQ(dump_text_json(json("a\xff")).value(), "\"a\xef\xbf\xbd\"");
}

TEST(TextJsonTest, AValueTooDeepForTextIsAnErrorAndNoCrash) {
  json deep = 1;
  for (int i = 0; i < 5000; ++i) {
    json outer = json::array();
    outer.push_back(std::move(deep));
    deep = std::move(outer);
  }
  EXPECT_FALSE(dump_text_json(deep));
}

TEST(TextJsonTest, Utf8IsRecognised) {
  for (const char* text : {"", "a", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "Привет"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  for (const char* text : {"\x80", "\xc1\x80", "\xc2", "\xe0\x9f\x80", "\xed\xa0\x80", "\xf0\x8f\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "a\xe2\x82"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

TEST(Base64Test, EveryLengthComesBack) {
  std::vector<std::uint8_t> bytes;
  for (int size = 0; size < 300; ++size) {
    const auto back = base64_decode(base64_encode(bytes));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, bytes);
    bytes.push_back(static_cast<std::uint8_t>(size * 37));
  }
}

} // namespace
} // namespace troupe
