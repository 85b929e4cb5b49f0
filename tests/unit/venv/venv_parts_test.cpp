#include <runtime/venv/pip_shim.hpp>
#include <runtime/venv/build_log.hpp>
#include <runtime/venv/package_list.hpp>
#include <runtime/venv/venv_folder.hpp>
#include <runtime/venv/venv_lock.hpp>
#include <runtime/venv/venv_name.hpp>
#include <runtime/venv/venv_tools.hpp>
#include <runtime/venv/venv_users.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace troupe {
namespace {

namespace fs = std::filesystem;

class VenvFolder : public testing::Test {
protected:
  VenvFolder() {
    char name[] = "/tmp/troupe-venvs-XXXXXX";
    root_ = ::mkdtemp(name);
    folder_.emplace(root_ / "venvs");
    EXPECT_TRUE(folder_->make());
  }
  ~VenvFolder() override { fs::remove_all(root_); }

  /// As a tool leaves it.
  void lay(const std::string& name) {
    fs::create_directories(folder_->bin_of(name));
    std::ofstream{folder_->python_of(name)} << "#!/bin/sh\n";
    fs::permissions(folder_->python_of(name), fs::perms::owner_all);
  }
  void lay_package(const std::string& venv, const std::string& folder, const std::string& name, const std::string& version) {
    const auto place = folder_->path_of(venv) / "lib/python3.11/site-packages" / folder;
    fs::create_directories(place);
    std::ofstream{place / "METADATA"} << "Metadata-Version: 2.1\nName: " << name << "\nVersion: " << version << "\n\nName: no\n";
  }

  fs::path root_;
  std::optional<venv_folder> folder_;
};

TEST(VenvName, IsAFolderNameAndNothingElse) {
  for (const char* good : {"a", "venv1", "_x", "my.venv-2", "9"}) {
    EXPECT_TRUE(is_venv_name(good)) << good;
  }
  for (const char* bad : {"", ".", "..", ".locks", "-r", "a/b", "///", "a b", "a\n", "ä", "a\\b"}) {
    EXPECT_FALSE(is_venv_name(bad)) << bad;
  }
  EXPECT_TRUE(is_venv_name(std::string(64, 'a')));
  EXPECT_FALSE(is_venv_name(std::string(65, 'a')));
}

TEST_F(VenvFolder, AnEnvironmentIsReadyWithItsMarkOnly) {
  using condition = venv_folder::condition;
  EXPECT_EQ(folder_->look("v"), condition::absent);
  lay("v");
  EXPECT_EQ(folder_->look("v"), condition::broken);
  ASSERT_TRUE(folder_->write_mark("v", {"uv", {"a==1"}}));
  EXPECT_EQ(folder_->look("v"), condition::ready);
  EXPECT_EQ(folder_->mark_of("v")->missing, std::vector<std::string>{"a==1"});
  ASSERT_TRUE(folder_->remove_mark("v"));
  EXPECT_EQ(folder_->look("v"), condition::broken);
  ASSERT_TRUE(folder_->remove_mark("v")) << "the second time it is no error";
  ASSERT_TRUE(folder_->write_mark("v", {"uv", {}}));
  fs::remove(folder_->python_of("v"));
  EXPECT_EQ(folder_->look("v"), condition::broken);
  EXPECT_NE(folder_->why_broken("v").find("interpreter"), std::string::npos);
}

TEST_F(VenvFolder, ACopiedEnvironmentIsNotReady) {
  lay("v");
  ASSERT_TRUE(folder_->write_mark("v", {"uv", {}}));
  fs::copy(folder_->path_of("v"), folder_->path_of("w"), fs::copy_options::recursive);
  EXPECT_EQ(folder_->look("w"), venv_folder::condition::broken) << "its scripts name the other place";
  std::ofstream{folder_->path_of("v") / ".troupe-ready.json"} << "{\"place\": 5";
  EXPECT_EQ(folder_->look("v"), venv_folder::condition::broken);
}

TEST_F(VenvFolder, WhatIsSetAsideIsGoneAtOnce) {
  lay("v");
  ASSERT_TRUE(folder_->write_mark("v", {"uv", {}}));
  const auto there = folder_->set_aside("v");
  ASSERT_TRUE(there);
  EXPECT_TRUE(fs::exists(*there / "bin" / "python"));
  EXPECT_EQ(folder_->look("v"), venv_folder::condition::absent);
  EXPECT_TRUE(folder_->set_aside("v")) << "nothing to take away";
  EXPECT_TRUE(folder_->names().empty());
}

TEST_F(VenvFolder, ANoteSurvivesAndGarbageIsNone) {
  venv_note note;
  note.kind = venv_note::change::installation;
  note.failed = true;
  note.owner = "me";
  note.owner_pid = 7;
  note.owner_started = 99;
  note.runs = "venv-me-";
  note.reason = "no \xff room";
  note.lines = {"a", "b"};
  ASSERT_TRUE(folder_->write_note("v", note));
  const auto got = folder_->note_of("v");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->kind, venv_note::change::installation);
  EXPECT_TRUE(got->failed);
  EXPECT_EQ(got->owner_started, 99u);
  EXPECT_EQ(got->lines, note.lines);
  ASSERT_TRUE(folder_->remove_note("v"));
  EXPECT_FALSE(folder_->note_of("v"));
  EXPECT_FALSE(venv_note_from_json(json::array()));
  EXPECT_TRUE(venv_note_from_json(json{{"owner_pid", "x"}, {"lines", 5}, {"failed", 1}}));
}

TEST_F(VenvFolder, PackagesAreReadFromTheirMetadata) {
  lay_package("v", "Zope_X-1.0.dist-info", "Zope.X", "1.0");
  lay_package("v", "abc-2.dist-info", "abc", "2");
  lay_package("v", "not_a_package", "no", "3");
  const auto all = installed_packages(folder_->path_of("v"));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].spec(), "abc==2");
  EXPECT_EQ(all[1].spec(), "Zope.X==1.0");
  EXPECT_EQ(missing_of({"zope-x==1.0", "nothing>=1"}, all), std::vector<std::string>{"nothing>=1"});
  EXPECT_TRUE(installed_packages(root_ / "none").empty());
}

TEST_F(VenvFolder, ALockIsHeldOnce) {
  auto first = venv_lock::try_take(folder_->lock_of("v"));
  ASSERT_TRUE(first && *first);
  auto second = venv_lock::try_take(folder_->lock_of("v"));
  ASSERT_TRUE(second);
  EXPECT_FALSE(*second);
  first->reset();
  second = venv_lock::try_take(folder_->lock_of("v"));
  EXPECT_TRUE(second && *second);
  EXPECT_FALSE(venv_lock::try_take(root_ / "none" / "lock"));
}

TEST_F(VenvFolder, ALockWhoseFileWasRemovedIsMadeAnew) {
  const auto file = folder_->lock_of("v");
  auto first = venv_lock::try_take(file);
  ASSERT_TRUE(first && *first);
  (*first)->remove_file();
  EXPECT_FALSE(fs::exists(file));
  first->reset();
  const auto second = venv_lock::try_take(file);
  EXPECT_TRUE(second && *second);
  EXPECT_TRUE(fs::exists(file));
}

TEST_F(VenvFolder, APipThatSaysWhatToUseIsLaidWhereThereIsNone) {
  const auto venv = folder_->path_of("v");
  fs::create_directories(venv / "lib/python3.11/site-packages");
  fs::create_directories(venv / "bin");
  lay_pip_shim(venv);
  EXPECT_TRUE(fs::exists(venv / "lib/python3.11/site-packages/pip/__main__.py"));
  EXPECT_TRUE(fs::exists(venv / "bin/pip"));
  EXPECT_TRUE(installed_packages(venv).empty()) << "it is no package";
  const auto other = folder_->path_of("w");
  fs::create_directories(other / "lib/python3.11/site-packages/pip");
  lay_pip_shim(other);
  EXPECT_FALSE(fs::exists(other / "lib/python3.11/site-packages/pip/__main__.py")) << "the real one stays";
}

TEST(PackageWish, IsAPackageAndNoOption) {
  for (const char* good : {"requests", "requests==2.1", "a[b,c]>=1,<2", "a ; python_version < \"3\"", "a @ file:///x", "A.b_c-d~=1.0"}) {
    EXPECT_TRUE(is_package_wish(good)) << good;
  }
  for (const char* bad : {"", " a", "--index-url=x", "-r file", "../a", "/a", "a b", "a\n-r x", "https://x/y.whl", "a/../b"}) {
    EXPECT_FALSE(is_package_wish(bad)) << bad;
  }
  EXPECT_FALSE(is_package_wish("a" + std::string(2000, '1')));
  EXPECT_EQ(wished_name("Some_Name>=1"), "some-name");
}

TEST(Requirements, AreTheLinesThatNamePackages) {
  const auto all = read_requirements("# head\n\naiohttp==3.8.4\n  six  # why\n-r other.txt\nlxml>=4 ; python_version>'3'\r\n");
  EXPECT_EQ(all, (std::vector<std::string>{"aiohttp==3.8.4", "six", "lxml>=4 ; python_version>'3'"}));
}

TEST(BuildLog, LinesComeFromPiecesWithoutColoursAndRewritings) {
  build_log log;
  EXPECT_TRUE(log.take("Colle").empty());
  EXPECT_EQ(log.take("cting six\r\n\n"), std::vector<std::string>{"Collecting six"});
  EXPECT_EQ(log.phase(), "resolving");
  EXPECT_EQ(log.take("  1%\r 50%\r100% \x1b[32mdone\x1b[0m\n"), std::vector<std::string>{"100% done"});
  EXPECT_FALSE(log.has_begun_to_install());
  EXPECT_TRUE(log.take("Installing collected packages: six").empty());
  EXPECT_EQ(log.finish(), "Installing collected packages: six");
  EXPECT_TRUE(log.has_begun_to_install());
  EXPECT_EQ(log.finish(), std::nullopt);
  EXPECT_EQ(log.last(1), std::vector<std::string>{"Installing collected packages: six"});
}

TEST(BuildLog, MemoryIsBounded) {
  build_log log;
  for (int i = 0; i < 1000; ++i) {
    (void)log.take(std::string(10'000, 'x') + "\n");
  }
  EXPECT_EQ(log.last(5000).size(), build_log::most_lines);
  EXPECT_EQ(log.last(1)[0].size(), build_log::longest_line);
  EXPECT_EQ(log.total(), 1000u);
}

TEST(Interpreter, IsReadFromWhatEitherToolWrites) {
  const auto venv = read_interpreter("home = /usr/bin\nversion = 3.11.2\nexecutable = /usr/bin/python3.11\n");
  EXPECT_EQ(venv.program, "/usr/bin/python3.11");
  EXPECT_EQ(venv.version, "3.11.2");
  const auto uv = read_interpreter("home = /opt/bin\nuv = 0.9\nversion_info = 3.12.1\n");
  EXPECT_EQ(uv.program, "/opt/bin/python3");
  EXPECT_EQ(uv.version, "3.12.1");
  EXPECT_TRUE(read_interpreter("nonsense").program.empty());
}

TEST(VenvTools, TheInterpreterAndUvAreLookedForAndMissedWithWords) {
  venv_tool_wish wish;
  wish.tool = "uv";
  wish.uv = "no-such-uv";
  auto tools = venv_tools::choose(wish, "/usr/bin:/bin", "/t");
  ASSERT_FALSE(tools);
  EXPECT_NE(tools.error().text.find("no-such-uv"), std::string::npos);
  wish.tool = "auto";
  tools = venv_tools::choose(wish, "/usr/bin:/bin", "/t");
  ASSERT_TRUE(tools);
  EXPECT_EQ(tools->name(), "pip");
  wish.python = "no-such-python";
  EXPECT_FALSE(venv_tools::choose(wish, "/usr/bin:/bin", "/t"));
}

TEST(VenvTools, IndexFolderAndOfflineModeReachTheInstaller) {
  const auto has = [](const std::vector<std::string>& words, const std::string& word) {
    return std::ranges::count(words, word) > 0;
  };
  venv_tool_wish wish;
  wish.tool = "pip";
  wish.index_url = "http://127.0.0.1:1/simple";
  wish.find_links = "/wheels";
  auto words = venv_tools::choose(wish, "/usr/bin:/bin", "/t")->installation("/v", {"a"}, true);
  EXPECT_TRUE(has(words, wish.index_url) && has(words, "/wheels") && has(words, "--upgrade") && has(words, "/v/bin/python"));
  wish.offline = true;
  words = venv_tools::choose(wish, "/usr/bin:/bin", "/t")->installation("/v", {"a"}, false);
  EXPECT_TRUE(has(words, "--no-index"));
  EXPECT_FALSE(has(words, wish.index_url) || has(words, "--upgrade"));
}

TEST(VenvTools, SeeTheOperatorsSettingsButNotAnotherPlaceToInstallTo) {
  const auto env = venv_tools::environment({{"PIP_CERT", "/c"}, {"PIP_TARGET", "/x"}, {"SECRET", "s"}, {"PATH", "/p"}});
  EXPECT_EQ(env.at("PIP_CERT"), "/c");
  EXPECT_EQ(env.at("PATH"), "/p");
  EXPECT_FALSE(env.contains("PIP_TARGET") || env.contains("SECRET"));
}

TEST(VenvUsers, AnEnvironmentGoesWithItsLastUserIfAnyOfThemWantedThat) {
  venv_users users;
  users.add("v", {"a", "task_a"}, true);
  users.add("v", {"b", ""}, false);
  users.add("v", {"a", "task_a"}, false);
  EXPECT_EQ(users.runs("v"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(users.is_used_by_others("v", "a"));
  EXPECT_FALSE(users.remove("v", "c").was_user);
  EXPECT_FALSE(users.remove("v", "a").remove_venv);
  EXPECT_FALSE(users.is_used_by_others("v", "b"));
  const auto last = users.remove("v", "b");
  EXPECT_TRUE(last.was_user && last.remove_venv);
  EXPECT_FALSE(users.is_used("v"));
}

TEST(VenvUsers, SurviveARestartOfTheirBuilder) {
  venv_users users;
  users.add("v", {"a", "task_a"}, true);
  users.add("w", {"b", "task_a"}, false);
  venv_users again;
  again.restore(users.save());
  EXPECT_EQ(again.actors(), std::vector<std::string>{"task_a"});
  EXPECT_EQ(again.of_actor("task_a").size(), 2u);
  EXPECT_TRUE(again.goes_with_last_user("v"));
  EXPECT_FALSE(again.goes_with_last_user("w"));
  again.restore(nullptr);
  EXPECT_FALSE(again.is_used("v"));
}

} // namespace
} // namespace troupe
