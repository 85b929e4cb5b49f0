#include "runtime/access/access_keeper.hpp"
#include "runtime/access/secrets.hpp"
#include "runtime/access/token_file.hpp"
#include "tests/unit/access/fake_access_clock.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class TokenFileTest : public ::testing::Test {
protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("troupe_access_" + std::to_string(::getpid()) + "_" + random_secret(6));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string path() const { return (folder_ / "token").string(); }
  fs::path folder_;
};

TEST_F(TokenFileTest, IsMadeOnceForTheOwnerAlone) {
  const auto first = load_or_make_token(path());
  ASSERT_TRUE(first) << first.error().text;
  EXPECT_TRUE(looks_like_secret(*first));
  EXPECT_GE(first->size(), 40u);
  struct stat facts {};
  ASSERT_EQ(::stat(path().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_EQ(load_or_make_token(path()).value(), *first);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator{}), 1) << "no draft is left";
}

TEST_F(TokenFileTest, ManyAtOnceGetTheSame) {
  std::vector<std::string> tokens(8);
  std::vector<std::thread> threads;
  for (auto& token : tokens) {
    threads.emplace_back([&] { token = load_or_make_token(path()).value_or("none"); });
  }
  for (auto& each : threads) {
    each.join();
  }
  EXPECT_EQ(std::set<std::string>(tokens.begin(), tokens.end()).size(), 1u);
  EXPECT_NE(tokens[0], "none");
}

TEST_F(TokenFileTest, AFileThatOthersMayReadIsRefused) {
  ASSERT_TRUE(load_or_make_token(path()));
  fs::permissions(path(), fs::perms(0644));
  const auto again = load_or_make_token(path());
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().text.find("0600"), std::string::npos);
}

TEST_F(TokenFileTest, WhatIsNoTokenFileIsRefused) {
  std::ofstream(path()) << "short";
  fs::permissions(path(), fs::perms(0600));
  EXPECT_FALSE(load_or_make_token(path()));
  fs::remove(path());
  fs::create_directory(path());
  EXPECT_FALSE(load_or_make_token(path()));
  fs::remove(path());
  fs::create_symlink("/etc/hostname", path());
  EXPECT_FALSE(load_or_make_token(path()));
  EXPECT_FALSE(load_or_make_token((folder_ / "none" / "token").string()));
}

TEST(SecretsTest, AreDifferentAndFitIntoAddresses) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto secret = random_secret();
    EXPECT_TRUE(looks_like_secret(secret));
    EXPECT_TRUE(seen.insert(secret).second);
  }
  EXPECT_FALSE(looks_like_secret("short"));
  EXPECT_FALSE(looks_like_secret(std::string(30, ' ')));
  EXPECT_FALSE(looks_like_secret("<script>alert(1)</script>"));
}

TEST(SecretsTest, AreEqualOnlyIfTheyAre) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abcd"));
  EXPECT_FALSE(equal_in_constant_time("abc", ""));
}

class AccessKeeperTest : public ::testing::Test {
protected:
  fake_access_clock clock_;
  access_keeper access_{"the-token-of-this-installation", clock_};
};

TEST_F(AccessKeeperTest, OnlyTheTokenIsTheToken) {
  EXPECT_TRUE(access_.is_token("the-token-of-this-installation"));
  EXPECT_FALSE(access_.is_token("the-token-of-this-installatioN"));
  EXPECT_FALSE(access_.is_token(""));
  access_keeper without("", clock_);
  EXPECT_FALSE(without.is_token("")) << "no token is no credential";
}

TEST_F(AccessKeeperTest, ACodeLogsInOnceHoweverOftenItIsLookedAt) {
  const auto code = access_.issue_code();
  EXPECT_TRUE(access_.is_code(code));
  EXPECT_TRUE(access_.is_code(code));
  const auto session = access_.log_in(code);
  ASSERT_TRUE(session);
  EXPECT_TRUE(access_.is_session(*session));
  EXPECT_FALSE(access_.is_code(code));
  EXPECT_FALSE(access_.log_in(code));
  EXPECT_FALSE(access_.log_in("no-such-code-was-ever-issued"));
}

TEST_F(AccessKeeperTest, ACodeGrowsOld) {
  const auto code = access_.issue_code();
  clock_.advance(24h - 1s);
  EXPECT_TRUE(access_.is_code(code));
  clock_.advance(1s);
  EXPECT_FALSE(access_.log_in(code));
}

TEST_F(AccessKeeperTest, ASessionEndsByIdlenessByAgeAndByLogout) {
  auto session = access_.log_in(access_.issue_code());
  clock_.advance(12h - 1s);
  EXPECT_TRUE(access_.is_session(*session));
  clock_.advance(12h - 1s);
  EXPECT_TRUE(access_.is_session(*session)) << "use keeps it";
  clock_.advance(12h);
  EXPECT_FALSE(access_.is_session(*session));
  session = access_.log_in(access_.issue_code());
  for (int half_days = 0; half_days < 15; ++half_days) {
    clock_.advance(11h + 59min);
    access_.is_session(*session);
  }
  EXPECT_FALSE(access_.is_session(*session)) << "a week is the end in any case";
  session = access_.log_in(access_.issue_code());
  access_.log_out(*session);
  EXPECT_FALSE(access_.is_session(*session));
}

TEST(LoginCodesTest, AreBoundedInNumber) {
  login_codes codes(1h, 3);
  const fake_access_clock clock;
  const auto oldest = codes.issue(clock.now());
  codes.issue(clock.now());
  codes.issue(clock.now());
  EXPECT_TRUE(codes.is_valid(oldest, clock.now()));
  codes.issue(clock.now());
  EXPECT_FALSE(codes.is_valid(oldest, clock.now()));
}

TEST(SessionTableTest, TheLongestUnusedIsPushedOut) {
  session_table table(1h, 24h, 2);
  fake_access_clock clock;
  const auto first = table.open(clock.now());
  clock.advance(1s);
  const auto second = table.open(clock.now());
  clock.advance(1s);
  EXPECT_TRUE(table.use(first, clock.now()));
  table.open(clock.now());
  EXPECT_EQ(table.size(), 2u);
  EXPECT_TRUE(table.use(first, clock.now()));
  EXPECT_FALSE(table.use(second, clock.now()));
}

} // namespace
} // namespace troupe
