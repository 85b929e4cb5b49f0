#include "runtime/packages/version.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

version v(std::string_view text) {
  auto parsed = version::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(version{});
}

TEST(Version, IsOrderedAsAVersionAndNotAsText) {
  const std::vector<std::string> ascending{
    "0.0.9",          "0.0.10",    "1.0.dev1", "1.0a1.dev1", "1.0a1",     "1.0a2",   "1.0b1",
    "1.0rc1.dev3",    "1.0rc1",    "1.0rc2",   "1.0",        "1.0+abc.1", "1.0+1.2", "1.0+1.10",
    "1.0.post1.dev1", "1.0.post1", "1.0.1",    "1.1",        "1.10",      "2",       "1!0.1"};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(v(ascending[i]) < v(ascending[j]), i < j) << ascending[i] << " and " << ascending[j];
      EXPECT_EQ(v(ascending[i]) == v(ascending[j]), i == j) << ascending[i] << " and " << ascending[j];
    }
  }
}

TEST(Version, HasTheSameMeaningInAllItsSpellings) {
  EXPECT_EQ(v("1.0"), v("1.0.0"));
  EXPECT_EQ(v("1.0alpha1"), v("1.0-a.1"));
  EXPECT_EQ(v("1.0RC1"), v("1.0c1"));
  EXPECT_EQ(v("v1.0"), v("1.0"));
  EXPECT_EQ(v("1.0.rev2"), v("1.0.post2"));
  EXPECT_EQ(v("1.0a"), v("1.0a0"));
}

TEST(Version, IsWrittenInOneSpelling) {
  EXPECT_EQ(v("V1.2-ALPHA.3").to_string(), "1.2a3");
  EXPECT_EQ(v("2!1.0.post4.dev5+Local-7").to_string(), "2!1.0.post4.dev5+local.7");
}

TEST(Version, IsNotReadFromAnythingElse) {
  for (const char* text : {"", "x", "1.", ".1", "1..2", "1.0x", "1.0 ", " 1.0", "1.0a1b1", "1.0.*", "1.0+", "1.0+a..b",
                           "99999999999999999999", "-1", "1.0\n", "1!"}) {
    EXPECT_FALSE(version::parse(text)) << text;
  }
}

} // namespace
} // namespace troupe
