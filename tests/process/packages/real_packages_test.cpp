#include "runtime/packages/package_class_source.hpp"
#include "runtime/packages/package_index.hpp"

#include <troupe/package.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include <dlfcn.h>
#include <stdlib.h>

namespace troupe {
namespace {

namespace fs = std::filesystem;

package_class_source source_over(const fs::path& folder) {
  return package_class_source({{folder}, {}, "0.1.0", {}});
}

json count(actor& who, const class_info& info) {
  const message question({.command = "count"});
  return std::get<reply>(info.commands.at("count").handle(who, question)).body();
}

/// The built example packages as copies that a test may damage.
class copied_packages {
public:
  copied_packages() {
    auto pattern = (fs::temp_directory_path() / "troupe-copied-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
    fs::copy(TROUPE_TEST_PACKAGES, path, fs::copy_options::recursive);
  }
  copied_packages(const copied_packages&) = delete;
  copied_packages& operator=(const copied_packages&) = delete;
  ~copied_packages() { fs::remove_all(path); }

  json manifest(const std::string& package) const {
    return json::parse(std::ifstream(path / package / "manifest.json"));
  }
  void write(const std::string& package, const json& facts) const {
    std::ofstream(path / package / "manifest.json") << facts;
  }

  fs::path path;
};

TEST(RealPackages, AreListedWithoutAProblem) {
  std::vector<std::string> found;
  for (const auto& one : list_packages({TROUPE_TEST_PACKAGES}, TROUPE_ABI_TAG, true)) {
    EXPECT_EQ(one.problem, "") << one.folder;
    found.push_back(one.name + " " + one.version);
  }
  for (const char* wanted : {"peacepie_example 0.2.0", "simple_testing 0.2.0", "two_versions 1.0.0",
                             "two_versions 2.0.0", "one_version 1.0.0", "one_version 2.0.0"}) {
    EXPECT_NE(std::ranges::find(found, wanted), found.end()) << wanted;
  }
}

TEST(RealPackages, GiveTheClassesOfTheWalkThrough) {
  auto source = source_over(TROUPE_TEST_PACKAGES);
  for (const char* name : {"HelloWorld", "IteratingHelloWorld", "CircleStarter", "CircleDancer"}) {
    const auto got = source.obtain({"peacepie_example", name});
    ASSERT_TRUE(got) << got.error().text;
    EXPECT_EQ(got->version, "0.2.0");
    EXPECT_NE(got->info->make(), nullptr);
  }
  EXPECT_EQ(source.obtain({"peacepie_example", ""})->info->name, "CircleDancer");
  EXPECT_NE(source.obtain({"peacepie_example", "Dancer"}).error().text.find("HelloWorld"), std::string::npos);
}

TEST(RealPackages, TwoVersionsWorkSideBySideAndShareNothing) {
  auto source = source_over(TROUPE_TEST_PACKAGES);
  const auto one = source.obtain({"two_versions ==1.0.0", "Counter"});
  const auto two = source.obtain({"two_versions >=2", "Counter"});
  ASSERT_TRUE(one) << one.error().text;
  ASSERT_TRUE(two) << two.error().text;
  const auto actor_one = one->info->make();
  const auto actor_two = two->info->make();
  const auto base = count(*actor_one, *one->info);
  EXPECT_EQ(base["version"], "1.0.0");
  const auto counter = [&](int n) {
    return json{{"inline", base["inline"].get<int>() + n},
                {"template", base["template"].get<int>() + n},
                {"function", base["function"].get<int>() + n}};
  };
  const auto other_base = count(*actor_two, *two->info);
  EXPECT_EQ(other_base["version"], "2.0.0");
  for (int n = 1; n <= 3; ++n) {
    auto now = count(*actor_one, *one->info);
    now.erase("version");
    EXPECT_EQ(now, counter(n)) << "version 2 must not count in version 1";
  }
  EXPECT_EQ(count(*actor_two, *two->info)["inline"], other_base["inline"].get<int>() + 1);
}

TEST(RealPackages, ThatBearOneVersionInAProcessGiveAConflictForTheSecond) {
  auto source = source_over(TROUPE_TEST_PACKAGES);
  EXPECT_TRUE(source.obtain({"one_version ==1.0.0", "Counter"}));
  const auto second = source.obtain({"one_version ==2.0.0", "Counter"});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, error_code::conflict);
  EXPECT_EQ(source.obtain({"one_version", "Counter"})->version, "1.0.0");
}

TEST(RealPackages, LeaveNoDescriptorOpenWhenLoaded) {
  const auto open_descriptors = [] {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
  };
  copied_packages copy;
  const auto before = open_descriptors();
  auto source = source_over(copy.path);
  EXPECT_TRUE(source.obtain({"simple_testing", "Initiator"}));
  EXPECT_FALSE(source.obtain({"simple_testing", "Nobody"}));
  EXPECT_FALSE(source.obtain({"nothing", "Nobody"}));
  EXPECT_EQ(open_descriptors(), before);
}

TEST(RealPackages, ThatWereChangedAfterTheBuildAreNotLoaded) {
  copied_packages copy;
  const auto library = copy.path / "peacepie_example-0.2.0" / "peacepie_example.so";
  std::ofstream(library, std::ios::app | std::ios::binary) << "one more line";
  const auto got = source_over(copy.path).obtain({"peacepie_example", "HelloWorld"});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, error_code::package_error);
  EXPECT_NE(got.error().text.find("SHA-256"), std::string::npos);
  EXPECT_EQ(::dlopen(library.c_str(), RTLD_NOW | RTLD_NOLOAD), nullptr) << "the library was loaded all the same";
}

TEST(RealPackages, ForAnotherAbiAreNotLoaded) {
  copied_packages copy;
  auto facts = copy.manifest("simple_testing-0.2.0");
  facts["abi"] = "troupe-99-gcc99";
  copy.write("simple_testing-0.2.0", facts);
  const auto got = source_over(copy.path).obtain({"simple_testing", "Initiator"});
  ASSERT_FALSE(got);
  EXPECT_NE(got.error().text.find("troupe-99-gcc99"), std::string::npos);
  const auto library = copy.path / "simple_testing-0.2.0" / "simple_testing.so";
  EXPECT_EQ(::dlopen(library.c_str(), RTLD_NOW | RTLD_NOLOAD), nullptr) << "the library was loaded all the same";
}

TEST(RealPackages, ThatAreNoLibrariesGiveAReason) {
  copied_packages copy;
  const auto folder = copy.path / "simple_testing-0.2.0";
  std::ofstream(folder / "simple_testing.so", std::ios::trunc) << "this is not ELF";
  auto facts = copy.manifest("simple_testing-0.2.0");
  facts["files"]["simple_testing.so"] = "0bf12ee9cb01ba1d3d1e1ab9aaca6f2d5b45eb1dbde1c8f5ca9ac8dc5ab38bd0";
  copy.write("simple_testing-0.2.0", facts);
  auto first = source_over(copy.path).obtain({"simple_testing", "Initiator"});
  ASSERT_FALSE(first);
  const auto& text = first.error().text;
  const auto begin = text.find("has the SHA-256 ") + 16;
  facts["files"]["simple_testing.so"] = text.substr(begin, 64);
  copy.write("simple_testing-0.2.0", facts);
  const auto second = source_over(copy.path).obtain({"simple_testing", "Initiator"});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().text.find("cannot load the package library"), std::string::npos) << second.error().text;
}

} // namespace
} // namespace troupe
