#include "runtime/link/fake_link_transport.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace troupe {

namespace {

using bytes = std::vector<std::uint8_t>;

class recorder final : public link_handler {
public:
  explicit recorder(bool trusts = true) : trusts_(trusts) {}
  void on_open(std::shared_ptr<link> opened) override {
    here = std::move(opened);
    if (trusts_)
      here->trust();
  }
  void on_frame(frame_type, std::span<const std::uint8_t> payload) override {
    seen.emplace_back(payload.begin(), payload.end());
  }
  void on_closed(const std::string& reason) override { reasons.push_back(reason); }

  std::shared_ptr<link> here;
  std::vector<bytes> seen;
  std::vector<std::string> reasons;

private:
  const bool trusts_;
};

struct FakeLinkTransport : testing::Test {
  fake_link_network network;
  link_options options;
  std::shared_ptr<recorder> left = std::make_shared<recorder>();
  std::shared_ptr<recorder> right = std::make_shared<recorder>();
  std::unique_ptr<fake_link_transport> transport;
  int socket = 0;

  void join() {
    transport = std::make_unique<fake_link_transport>(network, options);
    const auto [one, other] = network.socket_pair();
    socket = one;
    transport->adopt(one, left);
    transport->adopt(other, right);
    network.run();
  }
};

TEST_F(FakeLinkTransport, FramesArriveInOrderWhenTheNetworkRuns) {
  join();
  ASSERT_TRUE(left->here->send(frame_type::message, bytes{1}, lane::ordinary));
  ASSERT_TRUE(left->here->send(frame_type::message, bytes{2}, lane::ordinary));
  EXPECT_TRUE(right->seen.empty());
  network.run();
  EXPECT_EQ(right->seen, (std::vector<bytes>{{1}, {2}}));
}

TEST_F(FakeLinkTransport, DialedListenerMakesOneHandlerPerPeer) {
  fake_link_transport transport{network};
  int made = 0;
  auto listener = transport.listen("there", [&] {
    ++made;
    return right;
  });
  ASSERT_TRUE(listener);
  EXPECT_FALSE(transport.listen("there", [] { return nullptr; }));
  ASSERT_TRUE(transport.dial("there", left));
  network.run();
  ASSERT_TRUE(left->here->send(frame_type::message, bytes{1}, lane::ordinary));
  network.run();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(right->seen.size(), 1u);
  listener->reset();
  const auto refused = transport.dial("there", left);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::unavailable);
}

TEST_F(FakeLinkTransport, CloseDeliversWhatIsQueuedAndIsToldOnceToBoth) {
  join();
  ASSERT_TRUE(left->here->send(frame_type::message, bytes{1}, lane::ordinary));
  ASSERT_TRUE(right->here->send(frame_type::message, bytes{2}, lane::ordinary));
  left->here->close("the node ends");
  left->here->close("again");
  EXPECT_FALSE(left->here->send(frame_type::message, bytes{1}, lane::control));
  network.run();
  EXPECT_EQ(left->reasons, (std::vector<std::string>{"the node ends"}));
  EXPECT_EQ(right->reasons, (std::vector<std::string>{"the peer closed the connection"}));
  EXPECT_EQ(left->seen.size(), 1u);
  EXPECT_EQ(right->seen.size(), 1u);
}

TEST_F(FakeLinkTransport, EndOfTheTransportEndsItsLinks) {
  join();
  auto held = left->here;
  transport.reset();
  EXPECT_EQ(left->reasons, (std::vector<std::string>{"the link transport was stopped"}));
  EXPECT_FALSE(held->send(frame_type::message, bytes{1}, lane::ordinary));
  network.run();
  EXPECT_EQ(left->reasons.size(), 1u);
}

TEST_F(FakeLinkTransport, CutLosesWhatIsUnderWay) {
  join();
  ASSERT_TRUE(left->here->send(frame_type::message, bytes{1}, lane::ordinary));
  network.cut(socket, "killed");
  network.run();
  EXPECT_TRUE(right->seen.empty());
  EXPECT_EQ(left->reasons, (std::vector<std::string>{"killed"}));
  EXPECT_EQ(right->reasons, (std::vector<std::string>{"killed"}));
}

TEST_F(FakeLinkTransport, LimitsAreTheRealOnes) {
  options.max_frame_bytes = 1000;
  options.max_hello_bytes = 10;
  options.max_queue_bytes = 100;
  right = std::make_shared<recorder>(false);
  join();
  EXPECT_EQ(left->here->send(frame_type::message, bytes(1001), lane::answer).error().code, error_code::too_large);
  ASSERT_TRUE(left->here->send(frame_type::hello, bytes(10), lane::control));
  network.run();
  EXPECT_EQ(right->seen.size(), 1u);
  ASSERT_TRUE(left->here->send(frame_type::message, bytes(60), lane::ordinary));
  EXPECT_EQ(left->here->send(frame_type::message, bytes(60), lane::ordinary).error().code, error_code::mailbox_full);
  EXPECT_TRUE(left->here->send(frame_type::message, bytes(60), lane::answer));
  network.run();
  EXPECT_EQ(right->reasons.size(), 1u) << "a frame above the hello limit ends a link that is not trusted";
  EXPECT_EQ(left->reasons.size(), 1u);
}

} // namespace

} // namespace troupe
