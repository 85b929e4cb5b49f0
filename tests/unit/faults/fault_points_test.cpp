#include "runtime/faults/fault_points.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

class FaultPoints : public testing::Test {
protected:
  std::string happened;
  fault_points points{{[this] { happened += "k"; }, [this] { happened += "s"; }, [this] { happened += "d"; }}};
};

} // namespace

TEST_F(FaultPoints, NothingHappensAtAPointThatNobodyArmed) {
  points.pass("a");
  ASSERT_TRUE(points.arm("b", "kill"));
  points.pass("a");
  EXPECT_EQ(happened, "");
}

TEST_F(FaultPoints, AnArmedPointActsOnce) {
  ASSERT_TRUE(points.arm("a", "stop"));
  points.pass("a");
  points.pass("a");
  EXPECT_EQ(happened, "s");
}

TEST_F(FaultPoints, ACountSaysAtWhichPassing) {
  ASSERT_TRUE(points.arm("a", "disconnect", 3));
  points.pass("a");
  points.pass("a");
  EXPECT_EQ(happened, "");
  points.pass("a");
  EXPECT_EQ(happened, "d");
}

TEST_F(FaultPoints, AnEmptyActionDisarms) {
  ASSERT_TRUE(points.arm("a", "kill"));
  ASSERT_TRUE(points.arm("a", ""));
  points.pass("a");
  EXPECT_EQ(happened, "");
}

TEST_F(FaultPoints, AnUnknownActionIsRefused) {
  EXPECT_FALSE(points.arm("a", "explode"));
  EXPECT_FALSE(points.arm("a", "wait_ms:"));
  EXPECT_TRUE(points.arm("a", "wait_ms:1"));
  points.pass("a");
  EXPECT_EQ(happened, "");
}
