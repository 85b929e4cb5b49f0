#include "runtime/packages/package_class_source.hpp"

#include "tests/unit/packages/fake_library_loader.hpp"
#include "tests/unit/packages/package_folder.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

class PackageClassSource : public testing::Test {
protected:
  std::string version_of(const std::string& wanted, const std::string& class_name = "Zebra") {
    const auto got = source.obtain({wanted, class_name});
    return got ? got->version : got.error().text;
  }

  error failure_of(const std::string& wanted, const std::string& class_name = "Zebra") {
    const auto got = source.obtain({wanted, class_name});
    EXPECT_FALSE(got);
    return got ? error{} : got.error();
  }

  static std::vector<class_info> builtins() {
    std::vector<class_info> out(2);
    out[0].name = "WebFace";
    out[1].name = "Task";
    return out;
  }

  /// Lets the source trust what it saw: its folder changed long ago.
  void age_folder() {
    using namespace std::chrono_literals;
    std::filesystem::last_write_time(folder.path(), std::filesystem::file_time_type::clock::now() - 1h);
  }

  package_folder folder;
  std::shared_ptr<fake_library_loader> loader = std::make_shared<fake_library_loader>();
  package_class_source source{{{folder.path()}, builtins(), "0.1.0", loader}};
};

TEST_F(PackageClassSource, LoadsTheHighestVersionThatFits) {
  folder.add("birds", "0.0.9");
  folder.add("birds", "0.0.10");
  folder.add("birds", "0.1.0rc1");
  EXPECT_EQ(version_of("birds"), "0.0.10");
  EXPECT_EQ(version_of("Birds <0.0.10"), "0.0.9");
  EXPECT_EQ(version_of("birds ==0.1.0rc1"), "0.1.0rc1");
}

TEST_F(PackageClassSource, TakesTheFirstClassIfNoneIsNamed) {
  folder.add("birds", "1.0");
  EXPECT_EQ(source.obtain({"birds", ""})->info->name, "Antelope");
  EXPECT_EQ(source.obtain({"troupe", ""})->info->name, "Task");
}

TEST_F(PackageClassSource, ServesTheBuiltInClassesAsThePackageTroupe) {
  const auto got = source.obtain({"troupe", "WebFace"});
  ASSERT_TRUE(got);
  EXPECT_EQ(got->package, "troupe");
  EXPECT_EQ(got->version, "0.1.0");
  EXPECT_TRUE(source.obtain({"troupe >=0.1", "Task"}));
  EXPECT_NE(failure_of("troupe >=2", "Task").text.find("0.1.0"), std::string::npos);
  folder.add("troupe", "9.0");
  EXPECT_EQ(version_of("troupe", "Task"), "0.1.0");
}

TEST_F(PackageClassSource, NamesTheClassesThatThereAre) {
  folder.add("birds", "1.0");
  const auto why = failure_of("birds", "Zebar");
  EXPECT_EQ(why.code, error_code::package_error);
  EXPECT_EQ(why.text, "the package birds 1.0 has no class Zebar; it has Antelope, Zebra; did you mean Zebra?");
}

TEST_F(PackageClassSource, SaysWhereItLookedAndWhatWasMeant) {
  folder.add("birds", "1.0");
  const auto why = failure_of("brids");
  EXPECT_EQ(why.code, error_code::package_error);
  EXPECT_NE(why.text.find(folder.path().string()), std::string::npos);
  EXPECT_NE(why.text.find("did you mean birds?"), std::string::npos);
  EXPECT_NE(failure_of("birds >=2").text.find("installed: 1.0"), std::string::npos);
  EXPECT_EQ(failure_of("birds >>2").code, error_code::package_error);
}

TEST_F(PackageClassSource, ChecksAndLoadsOnceForAHundredCreations) {
  folder.add("birds", "1.0");
  const auto first = source.obtain({"birds", "Zebra"});
  ASSERT_TRUE(first);
  // Were a file read again, it would now be found damaged.
  std::ofstream(folder.path() / "birds-1.0" / "code.so") << "other code";
  for (int i = 0; i < 100; ++i) {
    const auto again = source.obtain({i % 2 == 0 ? "birds" : "birds >=1", "Zebra"});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->info, first->info);
  }
  EXPECT_EQ(loader->loaded.size(), 1u);
}

TEST_F(PackageClassSource, FindsAPackageThatIsInstalledLater) {
  folder.add("birds", "1.0");
  age_folder();
  EXPECT_EQ(version_of("birds"), "1.0");
  EXPECT_EQ(version_of("birds"), "1.0");
  folder.add("birds", "1.1");
  EXPECT_EQ(version_of("birds"), "1.1");
  EXPECT_EQ(version_of("birds ==1.0"), "1.0");
}

TEST_F(PackageClassSource, KeepsClassesOfTwoVersionsApart) {
  folder.add("birds", "1.0");
  folder.add("birds", "2.0");
  const auto one = source.obtain({"birds ==1.0", "Zebra"});
  const auto two = source.obtain({"birds ==2.0", "Zebra"});
  ASSERT_TRUE(one && two);
  EXPECT_NE(one->info, two->info);
  EXPECT_EQ(one->version, "1.0");
  EXPECT_EQ(two->version, "2.0");
}

TEST_F(PackageClassSource, ReportsAConflictIfOnlyOneVersionMayLiveInAProcess) {
  folder.add("birds", "1.0");
  folder.add("birds", "2.0", {{"isolation", "process"}});
  EXPECT_EQ(version_of("birds ==1.0"), "1.0");
  const auto why = failure_of("birds ==2.0");
  EXPECT_EQ(why.code, error_code::conflict);
  EXPECT_NE(why.text.find("version 1.0 is here already"), std::string::npos);
  EXPECT_EQ(version_of("birds"), "1.0") << "what is here and fits is used";
  EXPECT_EQ(loader->loaded, (std::vector<std::string>{"birds-1.0"}));
}

TEST_F(PackageClassSource, ComparesTheAbiBeforeTheLibraryIsTouched) {
  folder.add("birds", "1.0", {{"abi", "troupe-0-other"}});
  const auto why = failure_of("birds");
  EXPECT_EQ(why.code, error_code::package_error);
  EXPECT_NE(why.text.find("troupe-0-other"), std::string::npos);
  EXPECT_TRUE(loader->loaded.empty());
}

TEST_F(PackageClassSource, DoesNotLoadADamagedLibraryNorAnOlderVersionInstead) {
  folder.add("birds", "1.0");
  const auto package = folder.add("birds", "2.0");
  std::ofstream(package / "code.so") << "other code";
  EXPECT_NE(failure_of("birds").text.find("damaged"), std::string::npos);
  EXPECT_TRUE(loader->loaded.empty());
  folder.add("birds", "2.0");
  EXPECT_EQ(version_of("birds"), "2.0") << "a repaired package is tried again";
}

TEST_F(PackageClassSource, RemembersAFailureWhileTheFilesStayAsTheyAre) {
  folder.add("birds", "1.0");
  loader->failure = "undefined symbol";
  EXPECT_EQ(failure_of("birds").text, "undefined symbol");
  EXPECT_EQ(failure_of("birds").text, "undefined symbol");
  EXPECT_EQ(loader->loaded.size(), 1u);
}

TEST_F(PackageClassSource, LoadsWhatAPackageNeedsFirst) {
  folder.add("nests", "1.0", {{"requirements", {"twigs >=2", "troupe >=0.1"}}});
  EXPECT_NE(failure_of("nests").text.find("needs twigs >=2: the package twigs is not installed"), std::string::npos);
  folder.add("twigs", "2.0", {{"requirements", {"nests"}}});
  EXPECT_EQ(version_of("nests"), "1.0");
  EXPECT_EQ(loader->loaded.size(), 2u);
}

} // namespace
} // namespace troupe
