#include "runtime/packages/class_desc_reader.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

std::string bad_field_of(const json& value) {
  const auto read = read_class_desc(value);
  return read ? "none" : read.error().field;
}

TEST(ClassDesc, IsReadFromPackageAndClass) {
  const auto read = read_class_desc({{"requires_dist", "peacepie_example >=0.2"}, {"class", "HelloWorld"}});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->requires_dist, "peacepie_example >=0.2");
  EXPECT_EQ(read->class_name, "HelloWorld");
}

TEST(ClassDesc, MayLeaveTheClassToThePackage) {
  EXPECT_EQ(read_class_desc({{"requires_dist", "x"}})->class_name, "");
  EXPECT_EQ(read_class_desc({{"requires_dist", "x"}, {"class", nullptr}})->class_name, "");
}

TEST(ClassDesc, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(bad_field_of(nullptr), "class_desc");
  EXPECT_EQ(bad_field_of("peacepie_example"), "class_desc");
  EXPECT_EQ(bad_field_of(json::object()), "class_desc.requires_dist");
  EXPECT_EQ(bad_field_of({{"requires_dist", 7}}), "class_desc.requires_dist");
  EXPECT_EQ(bad_field_of({{"requires_dist", ""}}), "class_desc.requires_dist");
  EXPECT_EQ(bad_field_of({{"requires_dist", "x >>1"}}), "class_desc.requires_dist");
  EXPECT_EQ(bad_field_of({{"requires_dist", "x"}, {"class", 1}}), "class_desc.class");
  EXPECT_EQ(bad_field_of({{"requires_dist", "x"}, {"class", ""}}), "class_desc.class");
  EXPECT_EQ(bad_field_of({{"requires_dist", "x"}, {"clas", "A"}}), "class_desc.clas");
  EXPECT_EQ(bad_field_of({{"requires_dist", "x"}, {"index-url", "http://a"}}), "class_desc.index-url");
  EXPECT_EQ(read_class_desc(1, "desc").error().field, "desc");
}

} // namespace
} // namespace troupe
