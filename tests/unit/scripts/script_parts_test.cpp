#include "runtime/scripts/result_cache.hpp"
#include "runtime/scripts/run_queue.hpp"
#include "runtime/scripts/run_request.hpp"
#include "runtime/scripts/script_header.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace troupe {
namespace {

using ms = std::chrono::milliseconds;

std::shared_ptr<const std::string> text(std::string what) { return std::make_shared<const std::string>(std::move(what)); }

TEST(ResultCacheTest, AResultIsFoundUntilItIsTooOld) {
  result_cache cache({1u << 20, 10, ms(1'000)});
  const result_cache::time_point now{};
  EXPECT_FALSE(cache.find("a", now));
  cache.put("a", text("1"), now);
  EXPECT_EQ(*cache.find("a", now + ms(999))->answer, "1");
  EXPECT_FALSE(cache.find("a", now + ms(1'000)));
  EXPECT_EQ(cache.size(), 0u);
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(ResultCacheTest, WhatWasUsedLongestAgoGoesFirst) {
  result_cache cache({1u << 20, 2, ms(60'000)});
  const result_cache::time_point now{};
  cache.put("a", text("1"), now);
  cache.put("b", text("2"), now);
  EXPECT_TRUE(cache.find("a", now));
  cache.put("c", text("3"), now);
  EXPECT_TRUE(cache.find("a", now));
  EXPECT_FALSE(cache.find("b", now));
}

TEST(ResultCacheTest, ItsMemoryIsBounded) {
  result_cache cache({100'000, 1'000'000, ms(60'000)});
  for (int i = 0; i < 10'000; ++i) {
    cache.put("key" + std::to_string(i), text(std::string(1'000, 'x')), {});
    ASSERT_LE(cache.bytes(), 100'000u);
  }
  EXPECT_GT(cache.size(), 50u);
  cache.put("huge", text(std::string(90'000, 'x')), {});
  EXPECT_FALSE(cache.find("huge", {})) << "it would push out nearly everything";
  result_cache none({0, 10, ms(60'000)});
  none.put("a", text("1"), {});
  EXPECT_FALSE(none.find("a", {}));
}

class RunQueueTest : public testing::Test {
protected:
  run_queue::run run(const std::string& name, bool is_wanted = true) {
    return {[this, name, is_wanted] {
              if (is_wanted) {
                begun_.push_back(name);
              }
              return is_wanted;
            },
            [this, name] { dropped_.push_back(name); }};
  }
  std::vector<run_queue::run> runs(const std::string& name, int count) {
    std::vector<run_queue::run> out;
    for (int i = 0; i < count; ++i) {
      out.push_back(run(name + std::to_string(i)));
    }
    return out;
  }

  run_queue queue_{{2, 4}};
  std::vector<std::string> begun_;
  std::vector<std::string> dropped_;
};

TEST_F(RunQueueTest, NeverMoreThanTheLimitRunAndTheOrderIsThatOfTheirComing) {
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(queue_.add({run("r" + std::to_string(i))}));
  }
  EXPECT_FALSE(queue_.add({run("too many")}));
  EXPECT_EQ(begun_, (std::vector<std::string>{"r0", "r1"}));
  EXPECT_EQ(queue_.waiting(), 4u);
  for (int i = 0; i < 6; ++i) {
    EXPECT_LE(queue_.running(), 2u);
    queue_.done();
  }
  EXPECT_EQ(begun_, (std::vector<std::string>{"r0", "r1", "r2", "r3", "r4", "r5"}));
  EXPECT_EQ(queue_.running(), 0u);
}

TEST_F(RunQueueTest, RequestsTakeTurns) {
  EXPECT_TRUE(queue_.add(runs("many", 4)));
  EXPECT_TRUE(queue_.add({run("one")}));
  queue_.done();
  queue_.done();
  queue_.done();
  EXPECT_EQ(begun_, (std::vector<std::string>{"many0", "many1", "many2", "one", "many3"}));
}

TEST_F(RunQueueTest, ARequestThatDoesNotFitIsRefusedWhole) {
  EXPECT_TRUE(queue_.add(runs("a", 3)));
  EXPECT_FALSE(queue_.fits(4));
  EXPECT_FALSE(queue_.add(runs("b", 4)));
  EXPECT_TRUE(queue_.fits(3));
  EXPECT_EQ(queue_.waiting(), 1u);
}

TEST_F(RunQueueTest, WhatNobodyWantsTakesNoPlace) {
  EXPECT_TRUE(queue_.add({run("gone", false), run("a"), run("gone", false), run("b")}));
  EXPECT_EQ(begun_, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(queue_.running(), 2u);
}

TEST_F(RunQueueTest, ARunThatEndsWhileItIsBegunIsCounted) {
  std::vector<run_queue::run> quick;
  for (int i = 0; i < 5; ++i) {
    quick.push_back({[this] {
                       queue_.done();
                       return true;
                     },
                     [] {}});
  }
  EXPECT_TRUE(queue_.add(std::move(quick)));
  EXPECT_EQ(queue_.running(), 0u);
  EXPECT_EQ(queue_.waiting(), 0u);
}

TEST_F(RunQueueTest, AClosedQueueDropsWhatWaits) {
  EXPECT_TRUE(queue_.add(runs("a", 4)));
  queue_.close();
  EXPECT_EQ(dropped_, (std::vector<std::string>{"a2", "a3"}));
  EXPECT_FALSE(queue_.add({run("late")}));
  queue_.done();
  queue_.done();
  EXPECT_EQ(begun_.size(), 2u);
}

TEST(RunRequestTest, TheDataGoesToTheScriptAsItWasWritten) {
  const auto read = [](std::string_view body) { return script_run_request::read(body)->input; };
  EXPECT_EQ(read(R"({"data": {"b":1, "a" : [1.0, 18446744073709551615]}, "args": []})"),
            R"({"b":1, "a" : [1.0, 18446744073709551615]})");
  EXPECT_EQ(read(R"({"data":"a\"}]b"})"), R"("a\"}]b")");
  EXPECT_EQ(read(R"( { "args" : ["}", "{\"data\":1}"] , "data" : 12.50 } )"), "12.50");
  EXPECT_EQ(read(R"({"data":null})"), "null");
  EXPECT_EQ(read(R"({"d\u0061ta":true})"), "true");
  EXPECT_EQ(read(R"({"data":[]})"), "[]");
  EXPECT_EQ(read(R"({"env":{"data":"x"}})"), "");
  EXPECT_EQ(read(R"({"data":1,"data":{"x":[{}]}})"), R"({"x":[{}]})") << "the last one holds";
  EXPECT_EQ(read("{}"), "");
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read(" \r\n"), "");
}

TEST(RunRequestTest, WhatCannotBeUnderstoodIsRefused) {
  for (const char* body :
       {"[]", "1", "x", "{", "{\"args\":1}", "{\"args\":[1]}", "{\"args\":[\"a\\u0000\"]}", "{\"arg\":[]}", "{\"venv\":\"../x\"}",
        "{\"venv\":1}", "{\"timeout\":0}", "{\"timeout\":\"1\"}", "{\"memoryLimit\":[]}", "{\"env\":[]}", "{\"env\":{\"A\":1}}",
        "{\"env\":{\"A=B\":\"\"}}", "data=1&args=2", "{\"data\":1}x", "\xff"}) {
    const auto read = script_run_request::read(body);
    ASSERT_FALSE(read) << body;
    EXPECT_EQ(read.error().code, error_code::bad_request) << body;
  }
}

TEST(ScriptHeaderTest, TheRequirementsOfTheBlockAreRead) {
  const auto read = [](const std::string& code) { return script_header::read(code)->requirements; };
  EXPECT_TRUE(read("print(1)\n").empty());
  EXPECT_TRUE(read("# /// script\n# requires-python = \">=3.11\"\n# ///\n").empty());
  EXPECT_EQ(read("#!/usr/bin/env python3\n# /// script\n# requires-python = \">=3.11\"\n# dependencies = [\n#   \"requests<3\", # a "
                 "comment, with ]\n#\n#   'rich',\n# ]\n# [tool.x]\n# dependencies = [\"other\"]\n# ///\nprint(1)\n"),
            (std::vector<std::string>{"requests<3", "rich"}));
  EXPECT_EQ(read("# /// script\r\n# dependencies = [\"a\"]\r\n# ///\r\n"), (std::vector<std::string>{"a"}));
  EXPECT_TRUE(read("# /// other\n# dependencies = [\"a\"]\n# ///\n").empty());
  const script_header both{{"a", "b"}};
  EXPECT_EQ(both.venv_name(), (script_header{{"b", "a"}}.venv_name()));
  EXPECT_NE(both.venv_name(), (script_header{{"a"}}.venv_name()));
}

TEST(ScriptHeaderTest, ABrokenBlockSaysSo) {
  for (const char* code :
       {"# /// script\n# dependencies = [\"a\"]\nprint(1)\n", "# /// script\n# dependencies = \"a\"\n# ///\n",
        "# /// script\n# dependencies = [\"a\"\n# ///\n", "# /// script\n# dependencies = [1]\n# ///\n",
        "# /// script\n# dependencies = [\"--index-url x\"]\n# ///\n", "# /// script\n# dependencies = [\"../x\"]\n# ///\n",
        "# /// script\n# ///\n# /// script\n# ///\n", "# /// script\n#x\n# ///\n"}) {
    EXPECT_FALSE(script_header::read(code)) << code;
  }
}

} // namespace
} // namespace troupe
