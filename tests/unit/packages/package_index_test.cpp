#include "runtime/packages/package_index.hpp"

#include "tests/unit/packages/package_folder.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace troupe {
namespace {

std::string problem_of(const package_folder& folder, bool check = true) {
  const auto all = list_packages({folder.path()}, TROUPE_ABI_TAG, check);
  return all.size() == 1 ? all.front().problem : "there are " + std::to_string(all.size());
}

TEST(PackageIndex, ListsVersionsFromHighToLow) {
  package_folder folder;
  folder.add("birds", "0.0.9");
  folder.add("birds", "0.0.10");
  folder.add("auks", "1.0");
  std::filesystem::create_directories(folder.path() / "notes");
  std::filesystem::create_directories(folder.path() / ".cache-1.0");
  std::ofstream(folder.path() / "file-1.0") << "no folder";
  const auto all = list_packages({folder.path(), folder.path() / "absent"}, TROUPE_ABI_TAG, true);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].name, "auks");
  EXPECT_EQ(all[1].version, "0.0.10");
  EXPECT_EQ(all[2].version, "0.0.9");
  for (const auto& one : all) {
    EXPECT_EQ(one.problem, "");
    EXPECT_EQ(one.facts.classes.size(), 2u);
  }
}

TEST(PackageIndex, SaysWhichFileWasChanged) {
  package_folder folder;
  const auto package = folder.add("birds", "1.0");
  std::ofstream(package / "code.so") << "other code";
  EXPECT_NE(problem_of(folder).find("code.so has the SHA-256"), std::string::npos);
  EXPECT_EQ(problem_of(folder, false), "");
}

TEST(PackageIndex, SaysThatAPackageWasBuiltForAnotherProgram) {
  package_folder folder;
  folder.add("birds", "1.0", {{"abi", "troupe-0-other"}});
  EXPECT_NE(problem_of(folder).find("built for troupe-0-other"), std::string::npos);
}

TEST(PackageIndex, SaysThatFolderAndManifestDisagree) {
  package_folder folder;
  folder.add("birds", "1.0", {{"version", "2.0"}});
  EXPECT_NE(problem_of(folder).find("its manifest says birds 2.0"), std::string::npos);
}

TEST(PackageIndex, RefusesLinksInsideAPackage) {
  package_folder folder;
  const auto package = folder.add("birds", "1.0");
  std::filesystem::rename(package / "code.so", folder.path() / "elsewhere.so");
  std::filesystem::create_symlink(folder.path() / "elsewhere.so", package / "code.so");
  EXPECT_NE(problem_of(folder).find("symbolic link"), std::string::npos) << problem_of(folder);
}

TEST(PackageIndex, RefusesLinkedFoldersInsideAPackage) {
  package_folder folder;
  const auto outside = folder.path() / "outside";
  std::filesystem::create_directories(outside);
  std::ofstream(outside / "data.txt") << "data";
  const auto hash = *package_files(outside).sha256("data.txt");
  const auto package = folder.add("birds", "1.0", {{"files", {{"inner/data.txt", hash}}}});
  std::filesystem::create_directory_symlink(outside, package / "inner");
  EXPECT_NE(problem_of(folder).find("symbolic link"), std::string::npos) << problem_of(folder);
  std::filesystem::remove(package / "inner");
  std::filesystem::copy(outside, package / "inner");
  EXPECT_EQ(problem_of(folder), "");
}

TEST(PackageIndex, RefusesALinkedManifestAndSpecialFiles) {
  package_folder folder;
  const auto package = folder.add("birds", "1.0");
  std::filesystem::remove(package / "code.so");
  ASSERT_EQ(::mkfifo((package / "code.so").c_str(), 0600), 0);
  EXPECT_NE(problem_of(folder).find("not a plain file"), std::string::npos) << problem_of(folder);
  std::filesystem::rename(package / "manifest.json", package / "real.json");
  std::filesystem::create_symlink("real.json", package / "manifest.json");
  EXPECT_NE(problem_of(folder).find("symbolic link"), std::string::npos) << problem_of(folder);
}

TEST(PackageIndex, SaysWhichOfTwoEqualVersionsIsUsed) {
  package_folder first;
  package_folder second;
  first.add("birds", "1.0");
  second.add("Birds", "1.0.0");
  const auto all = list_packages({first.path(), second.path()}, TROUPE_ABI_TAG, false);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].problem, "");
  EXPECT_NE(all[1].problem.find("hidden by"), std::string::npos);
  EXPECT_EQ(find_packages({first.path(), second.path()}).size(), 1u);
}

TEST(PackageFiles, ComputeThePublishedSha256OfAbc) {
  package_folder folder;
  std::ofstream(folder.path() / "abc") << "abc";
  EXPECT_EQ(*package_files(folder.path()).sha256("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

} // namespace
} // namespace troupe
