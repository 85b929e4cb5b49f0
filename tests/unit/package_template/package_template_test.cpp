#include "runtime/package_template/package_template.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include <stdlib.h>

namespace troupe {
namespace {

std::string text_of(const std::vector<project_file>& files, const std::string& path) {
  for (const auto& file : files) {
    if (file.path == path) {
      return file.text;
    }
  }
  ADD_FAILURE() << "no " << path;
  return {};
}

TEST(PackageTemplate, NamesThePackageEverywhere) {
  const auto files = package_project({.name = "My.birds-2", .sdk = "/opt/troupe sdk", .packages = "/srv/packages"});
  ASSERT_TRUE(files);
  EXPECT_NE(text_of(*files, "CMakeLists.txt").find("troupe_package(My.birds-2\n"), std::string::npos);
  EXPECT_NE(text_of(*files, "src/greeter.hpp").find("namespace my_birds_2_package {"), std::string::npos);
  const auto readme = text_of(*files, "README.md");
  EXPECT_NE(readme.find("'-DCMAKE_PREFIX_PATH=/opt/troupe sdk'"), std::string::npos);
  EXPECT_NE(readme.find("--prefix /srv/packages"), std::string::npos);
  for (const auto& file : *files) {
    for (const char* mark : {"@NAME@", "@SPACE@", "@SDK@", "@CONFIGURE@", "@PACKAGES@"}) {
      EXPECT_EQ(file.text.find(mark), std::string::npos) << file.path;
    }
  }
}

TEST(PackageTemplate, MakesACppNameFromKeywordsAndNumbers) {
  EXPECT_NE(text_of(*package_project({.name = "class"}), "src/greeter.hpp").find("namespace class_package"),
            std::string::npos);
  EXPECT_NE(text_of(*package_project({.name = "7up"}), "src/greeter.hpp").find("namespace p7up_package"),
            std::string::npos);
}

TEST(PackageTemplate, RefusesNamesThatNoPackageCanHave) {
  for (const char* name : {"", "a b", "../a", "-a", "a-", "troupe", "Troupe", "a--b", "a;b", "a\"b"}) {
    const auto files = package_project({.name = name});
    ASSERT_FALSE(files) << name;
    EXPECT_EQ(files.error().code, error_code::bad_request);
  }
}

TEST(PackageTemplate, NeverWritesOverAnything) {
  auto pattern = (std::filesystem::temp_directory_path() / "troupe-template-XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(pattern.data());
  const auto files = package_project({.name = "birds"});
  EXPECT_TRUE(write_project(folder / "birds", *files));
  EXPECT_TRUE(std::filesystem::exists(folder / "birds/src/greeter.cpp"));
  const auto again = write_project(folder / "birds", *files);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, error_code::conflict);
  std::ofstream(folder / "file") << "x";
  const auto blocked = write_project(folder / "file", *files);
  ASSERT_FALSE(blocked);
  EXPECT_EQ(blocked.error().code, error_code::io_error);
  std::filesystem::remove_all(folder);
}

} // namespace
} // namespace troupe
