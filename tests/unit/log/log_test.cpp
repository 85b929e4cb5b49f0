#include "runtime/log/log.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace troupe {
namespace {

namespace fs = std::filesystem;

class Log : public testing::Test {
protected:
  Log() {
    std::string name = (fs::temp_directory_path() / "troupe-log-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~Log() override { fs::remove_all(folder_); }

  fs::path file() const { return folder_ / "deep" / "troupe.log"; }

  std::unique_ptr<log> open(bool async = false, verbosity level = verbosity::info) const {
    auto opened = open_log({.file = file(), .async = async, .level = level, .who = "first.main.admin"});
    EXPECT_TRUE(opened) << opened.error().text;
    return std::move(*opened);
  }

  std::string text() const {
    std::ifstream in(file());
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
  }

  fs::path folder_;
};

TEST_F(Log, ALineNamesTimeLevelAndWriter) {
  auto opened = open();
  opened->warning("disk is nearly full");
  opened->flush();
  const auto line = text();
  EXPECT_NE(line.find("Z warning [first.main.admin] disk is nearly full\n"), std::string::npos) << line;
  EXPECT_EQ(line.substr(4, 1), "-");
}

TEST_F(Log, BelowItsLevelNothingIsWritten) {
  auto opened = open(false, verbosity::warning);
  opened->info("quiet");
  EXPECT_FALSE(opened->shows(verbosity::info));
  opened->set_level(verbosity::debug);
  opened->debug("loud");
  opened->flush();
  EXPECT_EQ(text().find("quiet"), std::string::npos);
  EXPECT_NE(text().find("loud"), std::string::npos);
}

TEST_F(Log, ATextCannotForgeASecondLine) {
  auto opened = open();
  opened->info("one\ntwo\rthree\x1b[31m");
  opened->flush();
  EXPECT_NE(text().find("one\\ntwo\\rthree\\e[31m\n"), std::string::npos) << text();
}

TEST_F(Log, BracesInATextAreNoFormat) {
  auto opened = open();
  opened->info("{} {0} {broken");
  opened->flush();
  EXPECT_NE(text().find("{} {0} {broken\n"), std::string::npos) << text();
}

TEST_F(Log, FlushOfAnAsynchronousLogWaitsForItsThread) {
  auto opened = open(true);
  for (int i = 0; i < 2000; ++i) {
    opened->info("line " + std::to_string(i));
  }
  opened->flush();
  EXPECT_NE(text().find("line 1999\n"), std::string::npos);
}

TEST_F(Log, DroppingAnAsynchronousLogWritesWhatIsQueued) {
  {
    auto opened = open(true);
    std::vector<std::thread> writers;
    for (int w = 0; w < 4; ++w) {
      writers.emplace_back([&opened] {
        for (int i = 0; i < 200; ++i) {
          opened->info("x");
        }
      });
    }
    for (auto& writer : writers) {
      writer.join();
    }
  }
  const auto all = text();
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 800);
}

TEST_F(Log, AFullFileIsRotatedAndOldOnesGo) {
  {
    auto opened = open_log({.file = file(), .file_bytes = 1000, .files = 2, .who = "n"});
    ASSERT_TRUE(opened);
    for (int i = 0; i < 100; ++i) {
      (*opened)->info(std::string(100, 'x'));
    }
  }
  EXPECT_TRUE(fs::exists(folder_ / "deep" / "troupe.1.log"));
  EXPECT_TRUE(fs::exists(folder_ / "deep" / "troupe.2.log"));
  EXPECT_FALSE(fs::exists(folder_ / "deep" / "troupe.3.log"));
  EXPECT_LE(fs::file_size(file()), 1000U);
}

TEST_F(Log, AFileThatCannotBeOpenedIsAnErrorWithItsPath) {
  std::ofstream(folder_ / "taken") << "a file";
  const auto opened = open_log({.file = folder_ / "taken" / "troupe.log"});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, error_code::io_error);
  EXPECT_NE(opened.error().text.find("taken"), std::string::npos) << opened.error().text;
}

TEST(LogLevel, NamesAreReadBackAndAWrongOneIsExplained) {
  for (const auto level :
       {verbosity::trace, verbosity::debug, verbosity::info, verbosity::warning, verbosity::error, verbosity::off}) {
    EXPECT_EQ(parse_verbosity(to_string(level)), level);
  }
  const auto wrong = parse_verbosity("loud");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().text.find("warning"), std::string::npos);
}

TEST(MaskSecrets, ValuesOfPasswordsAndTokensAreHidden) {
  EXPECT_EQ(mask_secrets("password=abc next=1"), "password=*** next=1");
  EXPECT_EQ(mask_secrets(R"({"token": "a b c", "n": 1})"), R"({"token": "***", "n": 1})");
  EXPECT_EQ(mask_secrets(R"({"new_password":"x\"y","n":1})"), R"({"new_password":"***","n":1})");
  EXPECT_EQ(mask_secrets("Authorization: Bearer abc.def"), "Authorization: Bearer ***");
  EXPECT_EQ(mask_secrets("GET /?Token=q1&x=2"), "GET /?Token=***&x=2");
  EXPECT_EQ(mask_secrets(R"("{\"token\":\"abc\"}")"), R"("{\"token\":\"***\"}")");
}

TEST(MaskSecrets, OtherTextStaysAsItIs) {
  for (const std::string text : {"the token ring", "tokens=3", "password", "", "password=", "bearer "}) {
    EXPECT_EQ(mask_secrets(text), text);
  }
}

} // namespace
} // namespace troupe
