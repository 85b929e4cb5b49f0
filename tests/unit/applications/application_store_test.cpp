#include "tests/unit/applications/applications_fixture.hpp"

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include <sys/stat.h>

namespace troupe {
namespace {

namespace fs = std::filesystem;

TEST_F(Applications, AnApplicationIsAFolderWithItsNameAndId) {
  EXPECT_TRUE(store_().list()->empty()) << "the folder of all is not made yet";
  const auto made = store_().create("Расчёт 1");
  ASSERT_TRUE(made) << made.error().text;
  EXPECT_EQ(made->folder, (folder_ / "applications" / ("Расчёт 1-" + made->id)).string());
  EXPECT_TRUE(fs::is_directory(made->folder));
  EXPECT_EQ(store_().get(made->id)->name, "Расчёт 1");
  EXPECT_NE(create("Расчёт 1"), made->id);
  EXPECT_EQ(store_().list()->size(), 2u);
  EXPECT_EQ(store_().get("AAAAAA").error().code, error_code::not_found);
  EXPECT_EQ(store_().get("").error().code, error_code::not_found);
}

TEST_F(Applications, NamesThatAreNoFolderAreRefused) {
  for (const std::string& name : {std::string(), std::string("a/b"), std::string(".."), std::string(".a"), std::string("-a"),
                                  std::string(" a"), std::string("a "), std::string("a:b"), std::string("a\\b"),
                                  std::string("a\nb"), std::string("a\0b", 3), std::string("\xff"), std::string(101, 'a')}) {
    const auto made = store_().create(name);
    ASSERT_FALSE(made) << name;
    EXPECT_EQ(made.error().code, error_code::bad_request);
  }
  EXPECT_TRUE(store_().list()->empty());
}

TEST_F(Applications, FilesComeWithTheirFoldersAndAreReadBack) {
  const auto id = create();
  const std::string bytes("a\0\xff\n", 4);
  EXPECT_TRUE(store_().write_file(id, "lib/deep/tools.py", bytes)->is_new);
  EXPECT_FALSE(store_().write_file(id, "lib/deep/tools.py", "new")->is_new);
  EXPECT_FALSE(store_().write_file(id, "lib/deep/tools.py", bytes)->is_new);
  write(id, "empty.txt", "");
  EXPECT_EQ(store_().read_file(id, "lib/deep/tools.py"), bytes);
  EXPECT_EQ(content_of(folder_of(id) / "lib/deep/tools.py"), bytes);
  const auto files = store_().files(id);
  ASSERT_EQ(files->files.size(), 2u) << "what is the system's own is not listed";
  EXPECT_EQ(files->files[0].path, "empty.txt");
  EXPECT_EQ(files->files[1].path, "lib/deep/tools.py");
  EXPECT_EQ(files->files[1].size, 4u);
  EXPECT_FALSE(files->truncated);
  EXPECT_EQ(store_().read_file(id, "absent").error().code, error_code::not_found);
  EXPECT_EQ(store_().read_file(id, "lib").error().code, error_code::conflict);
  EXPECT_EQ(store_().write_file("AAAAAA", "a", "").error().code, error_code::not_found);
}

TEST_F(Applications, PathsThatAreNoNamesInTheFolderAreRefused) {
  const auto id = create();
  std::string deep = "a";
  for (int i = 0; i < 40; ++i) {
    deep += "/a";
  }
  for (const std::string& path :
       {std::string(), std::string("/a"), std::string("/etc/passwd"), std::string("../outside.py"), std::string("a/../../b"),
        std::string("a/.."), std::string("."), std::string("./a"), std::string("a//b"), std::string("a/"), std::string("/"),
        std::string("a/./b"), std::string("a\0b", 3), std::string("a\\b"), std::string("a\nb"), std::string("\xc0\xae"),
        std::string(201, 'a'), std::string("a/") + std::string(1'000, 'b'), deep, std::string(".troupe"),
        std::string(".troupe/application.json"), std::string(".troupe/new")}) {
    EXPECT_EQ(store_().write_file(id, path, "x").error().code, error_code::bad_request) << path;
    EXPECT_EQ(store_().read_file(id, path).error().code, error_code::bad_request) << path;
    EXPECT_EQ(store_().mark(id, path).error().code, error_code::bad_request) << path;
  }
  EXPECT_TRUE(store_().files(id)->files.empty());
  write(id, "..a/b..c", "fine");
  EXPECT_EQ(store_().write_file(id, "big", std::string(application_store::most_file_bytes + 1, 'x')).error().code,
            error_code::too_large);
}

TEST_F(Applications, LinksAndOddFilesAreNotFollowed) {
  const auto id = create();
  const auto app = folder_of(id);
  fs::create_symlink(folder_ / "outside.py", app / "link.py");
  fs::create_directory_symlink(folder_, app / "up");
  fs::create_directory(app / "folder.py");
  ASSERT_EQ(::mkfifo((app / "pipe.py").c_str(), 0644), 0);
  for (const char* path : {"link.py", "up/outside.py", "up/new.py", "folder.py", "pipe.py", "link.py/x"}) {
    EXPECT_FALSE(store_().read_file(id, path)) << path;
    EXPECT_EQ(store_().write_file(id, path, "x").error().code, error_code::conflict) << path;
    EXPECT_EQ(store_().mark(id, path).error().code, error_code::not_found) << path;
  }
  EXPECT_EQ(content_of(folder_ / "outside.py"), "secret");
  EXPECT_FALSE(fs::exists(folder_ / "new.py"));
  EXPECT_TRUE(store_().files(id)->files.empty());
}

TEST_F(Applications, AScriptsIdLastsWhileItIsMarked) {
  const auto id = create();
  EXPECT_EQ(store_().mark(id, "a.py").error().code, error_code::not_found);
  write(id, "a.py", "1");
  write(id, "b.txt", "1");
  EXPECT_EQ(store_().mark(id, "b.txt").error().code, error_code::bad_request);
  const auto first = store_().mark(id, "a.py");
  ASSERT_TRUE(first) << first.error().text;
  EXPECT_EQ(store_().mark(id, "a.py"), *first);
  write(id, "a.py", "2");
  EXPECT_EQ(store_().get(id)->marks, (std::map<std::string, std::string>{{"a.py", *first}}));
  EXPECT_TRUE(store_().unmark(id, "a.py"));
  EXPECT_EQ(store_().unmark(id, "a.py").error().code, error_code::not_found);
  EXPECT_NE(store_().mark(id, "a.py"), *first);
}

TEST_F(Applications, ScriptsAreFoundByPathAndIdIfTheyAreMarked) {
  const auto id = create();
  write(id, "sub/a.py", "1");
  const auto refused = store_().find_script(id, "sub/a.py");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::access_denied);
  EXPECT_NE(refused.error().text.find("troupe app exec " + id + " sub/a.py"), std::string::npos) << refused.error().text;
  const auto script_id = *store_().mark(id, "sub/a.py");
  EXPECT_EQ(store_().find_script(id, "sub/a.py")->path, "sub/a.py");
  EXPECT_EQ(store_().find_script(id, script_id)->path, "sub/a.py");
  EXPECT_EQ(store_().find_script(id, script_id)->folder, folder_of(id).string());
  for (const char* name : {"absent.py", "../outside.py", "/etc/passwd", "AAAAAAAA", "sub"}) {
    EXPECT_EQ(store_().find_script(id, name).error().code, error_code::not_found) << name;
  }
  EXPECT_EQ(store_().find_script(id, "").error().code, error_code::bad_request);
  fs::remove(folder_of(id) / "sub/a.py");
  EXPECT_EQ(store_().find_script(id, script_id).error().code, error_code::not_found) << "a mark without its file";
}

TEST_F(Applications, FieldsOfTheMetaFileThatAreNotKnownStay) {
  const auto id = create();
  write(id, "a.py", "1");
  const auto file = folder_of(id) / ".troupe/application.json";
  auto meta = json::parse(content_of(file));
  meta["web"] = {{"static", "/"}};
  std::ofstream(file) << meta;
  const auto script_id = store_().mark(id, "a.py");
  const auto after = json::parse(content_of(file));
  EXPECT_EQ(after["web"], (json{{"static", "/"}}));
  EXPECT_EQ(after["executable"], (json{{"a.py", *script_id}}));
}

TEST_F(Applications, ADamagedMetaFileIsShownAndDisturbsNoOther) {
  const auto id = create();
  const auto other = create("Other");
  write(id, "a.py", "1");
  for (const char* text : {"", "{", "[]", "{}", R"({"id":7,"name":"x"})", R"({"id":"AAAAAA","name":"x","executable":[]})",
                           R"({"id":"AAAAAA","name":"x","executable":{"../a.py":"AAAAAAAA"}})",
                           R"({"id":"AAAAAA","name":"x","executable":{"a.py":"../x"}})"}) {
    std::ofstream(folder_of(id) / ".troupe/application.json") << text;
    EXPECT_NE(store_().get(id)->problem, "") << text;
    EXPECT_EQ(store_().mark(id, "a.py").error().code, error_code::io_error) << text;
    EXPECT_EQ(store_().find_script(id, "a.py").error().code, error_code::io_error) << text;
    EXPECT_EQ(store_().list()->size(), 2u);
  }
  EXPECT_EQ(store_().get(other)->problem, "");
  EXPECT_EQ(store_().read_file(id, "a.py"), "1");
}

TEST_F(Applications, WhatACutWriteLeftIsReplaced) {
  const auto id = create();
  std::ofstream(folder_of(id) / ".troupe/new") << std::string(100'000, 'x');
  fs::create_directories(folder_ / "applications/.new-AAAAAA/.troupe");
  write(id, "a.py", "whole");
  EXPECT_EQ(store_().read_file(id, "a.py"), "whole");
  EXPECT_FALSE(fs::exists(folder_of(id) / ".troupe/new"));
  EXPECT_EQ(store_().list()->size(), 1u) << "a half made application is none";
  create();
  EXPECT_FALSE(fs::exists(folder_ / "applications/.new-AAAAAA"));
}

TEST_F(Applications, ReadersSeeOnlyWholeFilesWhileSeveralWrite) {
  const auto id = create();
  write(id, "a.py", std::string(50'000, 'a'));
  std::atomic<bool> done = false;
  std::vector<std::jthread> writers;
  for (const char letter : {'b', 'c', 'd'}) {
    writers.emplace_back([&, letter] {
      do { // once at least, however late it starts
        write(id, "a.py", std::string(50'000, letter));
        write(id, std::string(1, letter) + ".py", "x");
        EXPECT_TRUE(store_().mark(id, std::string(1, letter) + ".py"));
      } while (!done);
    });
  }
  for (int i = 0; i < 200; ++i) {
    const auto content = store_().read_file(id, "a.py");
    ASSERT_TRUE(content) << content.error().text;
    EXPECT_EQ(*content, std::string(50'000, content->empty() ? '?' : content->front()));
  }
  done = true;
  writers.clear();
  EXPECT_EQ(store_().get(id)->marks.size(), 3u) << "no mark is lost";
}

TEST_F(Applications, ApplicationsThatAreMadeAtOnceAreAllThere) {
  std::vector<std::jthread> makers;
  for (int i = 0; i < 4; ++i) {
    makers.emplace_back([this] {
      for (int n = 0; n < 5; ++n) {
        create("Same");
      }
    });
  }
  makers.clear();
  std::set<std::string> ids;
  const auto all = store_().list();
  for (const auto& each : *all) {
    EXPECT_EQ(each.problem, "");
    ids.insert(each.id);
  }
  EXPECT_EQ(ids.size(), 20u);
}

} // namespace
} // namespace troupe
