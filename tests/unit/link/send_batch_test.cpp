#include "runtime/link/send_batch.hpp"

#include <gtest/gtest.h>

namespace {

using namespace troupe;

struct counting_sender : batched_sender {
  void write_out() override { ++writes; }
  int writes = 0;
};

TEST(SendBatch, WritesEachSenderOnceAtItsEnd) {
  auto one = std::make_shared<counting_sender>();
  auto other = std::make_shared<counting_sender>();
  {
    send_batch batch;
    batch.open();
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(send_batch::hold(one));
      EXPECT_TRUE(send_batch::hold(other));
    }
    EXPECT_EQ(one->writes, 0);
  }
  EXPECT_EQ(one->writes, 1);
  EXPECT_EQ(other->writes, 1);
  EXPECT_FALSE(send_batch::hold(one)) << "no batch is open";
  EXPECT_EQ(one.use_count(), 1);
}

TEST(SendBatch, NeverOpenedHoldsNothing) {
  auto one = std::make_shared<counting_sender>();
  const send_batch batch;
  EXPECT_FALSE(send_batch::is_open());
  EXPECT_FALSE(send_batch::hold(one));
}

TEST(SendBatch, AnInnerOneLeavesAllToTheOuterOne) {
  auto one = std::make_shared<counting_sender>();
  send_batch outer;
  outer.open();
  {
    send_batch inner;
    inner.open();
    EXPECT_TRUE(send_batch::hold(one));
  }
  EXPECT_EQ(one->writes, 0);
  outer.end();
  EXPECT_EQ(one->writes, 1);
}

} // namespace
