#include "runtime/scripts/folder_watch.hpp"
#include "runtime/scripts/script_name.hpp"
#include "runtime/scripts/script_shelf.hpp"
#include "runtime/scripts/script_store.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

namespace troupe {
namespace {

namespace fs = std::filesystem;

/// Names that try to be a path, a device, or something that only looks like a script's name.
std::vector<std::string> tricks() {
  std::vector<std::string> out{
    "", ".", "..", ".py", "..py", "...py", "a", "a.p", "a.pyc", "a.PY", "a.Py", "a.py ", " a.py", "a.py\n", "a.py.", "a.py/",
    "/a.py", "//a.py", "./a.py", "../a.py", "../../etc/passwd", "..\\a.py", "a/b.py", "a\\b.py", "C:\\a.py", "a/../b.py",
    "/etc/passwd", "/dev/null", "/dev/stdin.py", "/proc/self/environ.py", "%2e%2e%2fa.py", "%2fa.py", "..%2fa.py",
    "a%00.py", ".hidden.py", ".troupe/a.py", "-rf.py", "--help.py", "~.py", "~root.py", "$HOME.py", "`id`.py", "a;b.py",
    "a|b.py", "a&b.py", "a*b.py", "a?b.py", "a,b.py", "a:b.py", "a'b.py", "a\"b.py", "a b.py", "a\tb.py", "a\x7f.py",
    "\xef\xbc\x8e\xef\xbc\x8e\xef\xbc\x8f.py", // fullwidth dots and slash
    "a\xe2\x88\x95" "b.py",                      // division slash
    "\xe2\x80\xae" "a.py",                       // right to left
    "\xd0\xb0.py",                               // a Cyrillic letter that looks like a Latin one
    "a\xcc\x81.py", "\xc0\xaf.py", "\xff.py", "a.py\xe2\x80\x8b"};
  out.push_back(std::string("a\0.py", 5));
  out.push_back(std::string("a.py\0/../b.py", 13));
  out.push_back(std::string(longest_script_name, 'a') + ".py");
  out.push_back(std::string(100'000, 'a') + ".py");
  return out;
}

class ScriptStoreTest : public testing::Test {
protected:
  ScriptStoreTest() {
    std::string name = fs::temp_directory_path() / "scripts-XXXXXX";
    root_ = ::mkdtemp(name.data());
    EXPECT_TRUE(store_().make());
  }
  ~ScriptStoreTest() override { fs::remove_all(root_); }

  script_store store_() const { return script_store(root_ / "scripts"); }
  fs::path file(const std::string& name) const { return root_ / "scripts" / name; }
  static void write(const fs::path& where, const std::string& text) { std::ofstream(where) << text; }

  fs::path root_;
};

TEST_F(ScriptStoreTest, NamesThatAreNoPlainFileNameAreRefused) {
  ASSERT_GE(tricks().size(), 40u);
  write(root_ / "a.py", "outside");
  for (const auto& name : tricks()) {
    const auto made = store_().create(name, "1", {});
    ASSERT_FALSE(made) << name;
    EXPECT_EQ(made.error().code, error_code::bad_request) << name;
    EXPECT_EQ(store_().replace(name, "1", std::nullopt).error().code, error_code::bad_request) << name;
    EXPECT_EQ(store_().remove(name).error().code, error_code::bad_request) << name;
    EXPECT_EQ(store_().code(name).error().code, error_code::bad_request) << name;
    EXPECT_FALSE(store_().look(name)) << name;
  }
  EXPECT_TRUE(store_().list().empty());
  EXPECT_TRUE(fs::exists(root_ / "a.py"));
  for (const char* name : {"a.py", "A.py", "_.py", "0.py", "a-b_c.d.py", "__init__.py"}) {
    EXPECT_TRUE(check_script_name(name)) << name;
  }
}

TEST_F(ScriptStoreTest, AScriptIsMadeOnceReplacedAndRemoved) {
  EXPECT_EQ(store_().replace("a.py", "1", std::nullopt).error().code, error_code::not_found);
  EXPECT_TRUE(store_().create("a.py", "1", {}));
  EXPECT_EQ(store_().create("a.py", "2", {}).error().code, error_code::conflict);
  EXPECT_EQ(store_().code("a.py"), "1");
  EXPECT_TRUE(store_().replace("a.py", "3", std::nullopt));
  EXPECT_EQ(store_().code("a.py"), "3");
  EXPECT_EQ(store_().list(), (std::vector<std::string>{"a.py"}));
  EXPECT_TRUE(store_().remove("a.py"));
  EXPECT_EQ(store_().remove("a.py").error().code, error_code::not_found);
  EXPECT_EQ(store_().create("big.py", std::string(script_store::most_code_bytes + 1, ' '), {}).error().code,
            error_code::too_large);
}

TEST_F(ScriptStoreTest, OptionsStayWithTheirScript) {
  script_options options;
  options.venv = "tools";
  options.timeout_s = 2.5;
  options.env = {{"A", "1"}};
  ASSERT_TRUE(store_().create("a.py", "1", options));
  EXPECT_EQ(store_().options("a.py").to_json(), options.to_json());
  ASSERT_TRUE(store_().replace("a.py", "2", std::nullopt));
  EXPECT_EQ(store_().options("a.py").venv, "tools");
  ASSERT_TRUE(store_().replace("a.py", "2", script_options{}));
  EXPECT_TRUE(store_().options("a.py").is_empty());
  ASSERT_TRUE(store_().replace("a.py", "2", options));
  ASSERT_TRUE(store_().remove("a.py"));
  ASSERT_TRUE(store_().create("a.py", "1", {}));
  EXPECT_TRUE(store_().options("a.py").is_empty()) << "another script of the same name";
}

TEST_F(ScriptStoreTest, LinksFoldersAndDevicesAreNoScripts) {
  write(root_ / "secret", "outside");
  fs::create_symlink(root_ / "secret", file("link.py"));
  fs::create_symlink(root_ / "absent", file("dangling.py"));
  fs::create_directory(file("folder.py"));
  ASSERT_EQ(::mkfifo(file("pipe.py").c_str(), 0600), 0);
  for (const char* name : {"link.py", "dangling.py", "folder.py", "pipe.py"}) {
    EXPECT_FALSE(store_().look(name)) << name;
    EXPECT_FALSE(store_().code(name)) << name;
    EXPECT_FALSE(store_().create(name, "1", {})) << name;
    EXPECT_FALSE(store_().replace(name, "1", std::nullopt)) << name;
    EXPECT_FALSE(store_().remove(name)) << name;
  }
  EXPECT_TRUE(store_().list().empty());
  std::ifstream in(root_ / "secret");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "outside");
}

TEST_F(ScriptStoreTest, AReaderNeverSeesHalfAScript) {
  const std::string a(200'000, 'a');
  const std::string b(150'000, 'b');
  ASSERT_TRUE(store_().create("a.py", a, {}));
  std::atomic<bool> ends = false;
  std::thread writer([&] {
    for (int i = 0; i < 60; ++i) {
      EXPECT_TRUE(store_().replace("a.py", i % 2 == 0 ? b : a, std::nullopt));
    }
    ends = true;
  });
  while (!ends) {
    const auto code = store_().code("a.py");
    ASSERT_TRUE(code);
    ASSERT_TRUE(*code == a || *code == b) << code->size();
  }
  writer.join();
}

TEST_F(ScriptStoreTest, TheShelfSeesWhatAppearsVanishesAndChanges) {
  const auto store = store_();
  script_shelf shelf(store);
  const auto now = std::chrono::steady_clock::now();
  EXPECT_TRUE(shelf.list(now).empty());
  write(file("b.py"), "print(1)");
  EXPECT_EQ(shelf.list(now), (std::vector<std::string>{"b.py"})) << "at the same moment";
  const auto digest = shelf.find("b.py")->digest;
  EXPECT_EQ(shelf.find("b.py")->digest, digest);
  ASSERT_TRUE(store.replace("b.py", "print(2)", std::nullopt));
  EXPECT_NE(shelf.find("b.py")->digest, digest);
  fs::remove(file("b.py"));
  EXPECT_TRUE(shelf.list(now).empty());
  EXPECT_EQ(shelf.find("b.py"), nullptr);
  fs::remove_all(root_ / "scripts");
  EXPECT_TRUE(shelf.list(now).empty());
  ASSERT_TRUE(store.create("c.py", "1", {})) << "the folder is made again";
  EXPECT_EQ(shelf.list(now), (std::vector<std::string>{"c.py"}));
}

TEST_F(ScriptStoreTest, WithoutInotifyTheFolderIsLookedAtEveryFiveSeconds) {
  folder_watch watch(root_, false);
  EXPECT_FALSE(watch.is_told());
  auto now = std::chrono::steady_clock::now();
  EXPECT_TRUE(watch.has_changed(now));
  EXPECT_FALSE(watch.has_changed(now + std::chrono::milliseconds(4'900)));
  EXPECT_TRUE(watch.has_changed(now + std::chrono::milliseconds(5'000)));
  EXPECT_FALSE(watch.has_changed(now + std::chrono::milliseconds(9'900)));
}

TEST_F(ScriptStoreTest, AWatchThatIsToldSaysNothingWhileNothingHappens) {
  folder_watch watch(root_);
  const auto now = std::chrono::steady_clock::now();
  EXPECT_TRUE(watch.has_changed(now));
  EXPECT_TRUE(watch.is_told());
  EXPECT_FALSE(watch.has_changed(now + std::chrono::hours(1)));
  write(root_ / "x", "1");
  EXPECT_TRUE(watch.has_changed(now));
  EXPECT_FALSE(watch.has_changed(now));
}

} // namespace
} // namespace troupe
