#include "runtime/error/error_table.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace troupe {
namespace {

TEST(ErrorTable, HasOneRowForEachCodeInTheOrderOfTheirNumbers) {
  std::uint16_t number = 1;
  for (const auto& row : error_table()) {
    EXPECT_EQ(static_cast<std::uint16_t>(row.code), number++) << row.name;
  }
  EXPECT_EQ(error_table().back().code, error_code::internal) << "the last code of result.hpp has no row";
}

TEST(ErrorTable, NamesAreUniqueAndFindTheirRows) {
  std::set<std::string> names;
  for (const auto& row : error_table()) {
    EXPECT_TRUE(names.emplace(row.name).second) << row.name;
    ASSERT_NE(find_error(row.name), nullptr);
    EXPECT_EQ(find_error(row.name)->code, row.code);
    EXPECT_EQ(describe_error(row.code).name, row.name);
  }
  EXPECT_EQ(find_error("no_such_error"), nullptr);
}

TEST(ErrorTable, EveryRowHasAnErrorStatusAndAWholeSentence) {
  for (const auto& row : error_table()) {
    EXPECT_GE(row.http_status, 400) << row.name;
    EXPECT_LT(row.http_status, 600) << row.name;
    ASSERT_FALSE(row.sentence.empty()) << row.name;
    EXPECT_EQ(row.sentence.back(), '.') << row.name;
  }
}

TEST(ErrorTable, ANumberOutsideTheTableIsOurDefect) {
  EXPECT_EQ(describe_error(static_cast<error_code>(999)).name, "internal");
  EXPECT_EQ(describe_error(static_cast<error_code>(0)).name, "internal");
}

} // namespace
} // namespace troupe
