#include "runtime/packages/requirement.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

bool fits(std::string_view wanted, std::string_view candidate) {
  const auto parsed = requirement::parse(wanted);
  EXPECT_TRUE(parsed) << wanted << ": " << (parsed ? "" : parsed.error().text);
  return parsed && parsed->matches(*version::parse(candidate));
}

std::string chosen(std::string_view wanted, const std::vector<std::string>& among) {
  std::vector<version> versions;
  for (const auto& text : among) {
    versions.push_back(*version::parse(text));
  }
  const auto at = choose_version(*requirement::parse(wanted), versions);
  return at < 0 ? "none" : among[static_cast<std::size_t>(at)];
}

TEST(Requirement, AcceptsTheVersionsThatAllItsConditionsAccept) {
  EXPECT_TRUE(fits("x", "0.0.1"));
  EXPECT_TRUE(fits("x ==0.0.1", "0.0.1"));
  EXPECT_TRUE(fits("x==1", "1.0.0"));
  EXPECT_FALSE(fits("x ==0.0.1", "0.0.2"));
  EXPECT_TRUE(fits("simple_web_face >0.0.0, <1.0.0, !=0.2.0", "0.2.1"));
  EXPECT_FALSE(fits("simple_web_face >0.0.0, <1.0.0, !=0.2.0", "0.2.0"));
  EXPECT_FALSE(fits("simple_web_face >0.0.0, <1.0.0, !=0.2.0", "1.0.0"));
  EXPECT_TRUE(fits("simple_package_testing<1.0.0", "0.9"));
  EXPECT_TRUE(fits("x >=1.0", "1.0"));
  EXPECT_TRUE(fits("x <=1.0", "1.0"));
  EXPECT_TRUE(fits("x (>=1.0, <2)", "1.5"));
}

TEST(Requirement, CompatibleMeansAtLeastThisWithinTheSeries) {
  EXPECT_TRUE(fits("x ~=1.4.2", "1.4.9"));
  EXPECT_FALSE(fits("x ~=1.4.2", "1.4.1"));
  EXPECT_FALSE(fits("x ~=1.4.2", "1.5"));
  EXPECT_TRUE(fits("x ~=1.4", "1.9"));
  EXPECT_FALSE(fits("x ~=1.4", "2.0"));
}

TEST(Requirement, StarMeansTheBeginningOfTheVersion) {
  EXPECT_TRUE(fits("x ==1.*", "1.9.3"));
  EXPECT_FALSE(fits("x ==1.*", "2.0"));
  EXPECT_FALSE(fits("x ==1.1.*", "1.10"));
  EXPECT_FALSE(fits("x !=1.*", "1.3"));
  EXPECT_TRUE(fits("x ==1.0.*", "1"));
}

TEST(Requirement, LimitsDoNotLetInReleasesAroundThem) {
  EXPECT_FALSE(fits("x <2.0", "2.0rc1"));
  EXPECT_FALSE(fits("x >1.0", "1.0.post1"));
  EXPECT_TRUE(fits("x >1.0", "1.0.1"));
  EXPECT_FALSE(fits("x >1.0", "1.0+local"));
  EXPECT_TRUE(fits("x ==1.0", "1.0+local"));
  EXPECT_FALSE(fits("x ==1.0+other", "1.0+local"));
}

TEST(Requirement, NamesAreEqualWithoutRegardToCaseAndSeparators) {
  EXPECT_EQ(requirement::parse("Simple.Web__Face")->normal, requirement::parse("simple-web_face")->normal);
  EXPECT_NE(normal_package_name("simpleweb"), normal_package_name("simple-web"));
}

TEST(Requirement, ChoosesTheHighestVersionThatFits) {
  EXPECT_EQ(chosen("x", {"0.0.9", "0.0.10", "0.0.2"}), "0.0.10");
  EXPECT_EQ(chosen("x <0.0.10", {"0.0.9", "0.0.10", "0.0.2"}), "0.0.9");
  EXPECT_EQ(chosen("x >5", {"0.0.9"}), "none");
}

TEST(Requirement, ChoosesAPrereleaseOnlyIfItIsNamedOrAlone) {
  EXPECT_EQ(chosen("x", {"1.0", "2.0rc1"}), "1.0");
  EXPECT_EQ(chosen("x >=2.0a1", {"1.0", "2.0rc1"}), "2.0rc1");
  EXPECT_EQ(chosen("x", {"2.0a1", "2.0rc1", "2.0b1"}), "2.0rc1");
}

TEST(Requirement, SaysWhatItCannotRead) {
  const std::vector<std::pair<std::string, std::string>> bad{{"", "package name"},
                                                             {"x[extra]", "extras"},
                                                             {"x ; python_version>'3'", "markers"},
                                                             {"x @ http://a/b", "address"},
                                                             {"x >>1", "not a version"},
                                                             {"x 1.0", "does not begin"},
                                                             {"x ===1.0", "==="},
                                                             {"x >=1.*", ".*"},
                                                             {"x ~=1", "two numbers"},
                                                             {"x >=1,", "last comma"},
                                                             {"x >=1,,<2", "begin"},
                                                             {"-x", "package name"},
                                                             {"x >=", "not a version"},
                                                             {"x >=1.0+a", "local part"},
                                                             {"x ==1.0a1.*", "release numbers"},
                                                             {"../x", "package name"},
                                                             {"x/../../y", "does not begin"}};
  for (const auto& [text, word] : bad) {
    const auto parsed = requirement::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, error_code::bad_request);
    EXPECT_NE(parsed.error().text.find(word), std::string::npos) << text << ": " << parsed.error().text;
  }
}

} // namespace
} // namespace troupe
