#include "tests/process/link/link_fixture.hpp"

#include <atomic>
#include <csignal>
#include <cstring>

namespace troupe::testing {

namespace {

using bytes = recording_handler::bytes;

class CafLink : public link_fixture {};

TEST_F(CafLink, FramesOfManySendersArriveCompletelyAndInOrder) {
  constexpr std::uint32_t senders = 4, each = 50'000;
  std::vector<std::uint32_t> next(senders);
  std::atomic<std::uint32_t> arrived = 0, misplaced = 0;
  auto left = make_recorder();
  class counter final : public link_handler {
  public:
    counter(std::vector<std::uint32_t>& next, std::atomic<std::uint32_t>& arrived,
            std::atomic<std::uint32_t>& misplaced)
        : next_(next), arrived_(arrived), misplaced_(misplaced) {}
    void on_open(std::shared_ptr<link> opened) override { opened->trust(); }
    void on_frame(frame_type, std::span<const std::uint8_t> payload) override {
      std::uint32_t sender = 0, number = 0;
      std::memcpy(&sender, payload.data(), 4);
      std::memcpy(&number, payload.data() + 4, 4);
      misplaced_ += number != next_.at(sender)++;
      ++arrived_;
    }
    void on_closed(const std::string&) override {}

  private:
    std::vector<std::uint32_t>& next_;
    std::atomic<std::uint32_t>& arrived_;
    std::atomic<std::uint32_t>& misplaced_;
  };
  int sockets[2];
  auto& made = transport();
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
  made.adopt(sockets[0], left);
  made.adopt(sockets[1], std::make_shared<counter>(next, arrived, misplaced));
  {
    auto out = left->opened();
    std::vector<std::jthread> threads;
    for (std::uint32_t sender = 0; sender < senders; ++sender)
      threads.emplace_back([&, sender] {
        for (std::uint32_t i = 0; i < each; ++i) {
          bytes payload(i % 10'000 == 0 ? 400'000 : 64);
          std::memcpy(payload.data(), &sender, 4);
          std::memcpy(payload.data() + 4, &i, 4);
          while (!out->send(frame_type::message, payload, lane::ordinary))
            std::this_thread::yield();
        }
      });
  }
  EXPECT_TRUE(eventually([&] { return arrived == senders * each; })) << arrived;
  EXPECT_EQ(misplaced, 0u);
}

TEST_F(CafLink, QueueToPeerThatDoesNotReadIsBounded) {
  options.max_queue_bytes = 1u << 20;
  options.close_grace = std::chrono::milliseconds{100};
  auto handler = make_recorder();
  const int peer = raw_peer_of(handler);
  auto out = handler->opened();
  result<> refused;
  for (int i = 0; i < 10'000 && refused; ++i)
    refused = out->send(frame_type::message, bytes(4096), lane::ordinary);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::mailbox_full);
  EXPECT_LE(out->queued_bytes(), options.max_queue_bytes);
  EXPECT_TRUE(out->send(frame_type::message, bytes(4096), lane::answer));
  EXPECT_TRUE(out->send(frame_type::control, bytes(4096), lane::control));
  out->close("enough");
  EXPECT_NE(handler->reason().find("enough ("), std::string::npos) << handler->reason();
  ::close(peer);
}

TEST_F(CafLink, FrameAboveTheLimitIsRefusedToTheSenderAndTheLinkGoesOn) {
  options.max_frame_bytes = 1000;
  auto left = make_recorder(), right = make_recorder();
  join(left, right);
  const auto refused = left->opened()->send(frame_type::message, bytes(1001), lane::answer);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::too_large);
  ASSERT_TRUE(left->opened()->send(frame_type::message, bytes(1000), lane::ordinary));
  EXPECT_TRUE(right->has_frames(1));
}

TEST_F(CafLink, FrameOf64MiBArrivesWhole) {
  std::atomic<bool> is_right = false;
  auto left = make_recorder();
  auto right = make_recorder(true, [&](link&, frame_type type, std::span<const std::uint8_t> payload) {
    is_right =
      type == frame_type::message && payload.size() == 64u << 20 && payload[12'345'678] == 9 && payload.back() == 7;
  });
  join(left, right);
  bytes payload(64u << 20);
  payload[12'345'678] = 9;
  payload.back() = 7;
  ASSERT_TRUE(left->opened()->send(frame_type::message, payload, lane::ordinary));
  ASSERT_TRUE(right->has_frames(1));
  EXPECT_TRUE(is_right);
  EXPECT_TRUE(eventually([&] { return left->opened()->queued_bytes() == 0; }));
}

TEST_F(CafLink, PingPassesWhatIsQueuedBehindLargeFrame) {
  auto handler = make_recorder();
  const int peer = raw_peer_of(handler);
  auto out = handler->opened();
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(out->send(frame_type::message, bytes(8u << 20), lane::ordinary));
  ASSERT_TRUE(out->send(frame_type::ping, {}, lane::control));
  out->close("done");
  const auto got = read_all(peer);
  ::close(peer);
  frame_reader reader{frame_length_limit};
  std::vector<frame_type> order;
  ASSERT_TRUE(reader.feed(got, [&](frame_type type, std::span<const std::uint8_t>) {
    order.push_back(type);
    return true;
  }));
  ASSERT_EQ(order.size(), 6u);
  EXPECT_TRUE(order[0] == frame_type::ping || order[1] == frame_type::ping)
    << "the ping may wait for the frame that is on its way, not for the others";
}

TEST_F(CafLink, CloseSendsWhatIsQueuedFirst) {
  auto left = make_recorder(), right = make_recorder();
  join(left, right);
  auto out = left->opened();
  for (int i = 0; i < 20'000; ++i)
    ASSERT_TRUE(out->send(frame_type::message, bytes(500), lane::ordinary));
  out->close("the node ends");
  const auto late = out->send(frame_type::message, bytes(1), lane::control);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, error_code::unavailable);
  EXPECT_EQ(left->reason(), "the node ends");
  EXPECT_EQ(right->reason(), "the peer closed the connection");
  EXPECT_EQ(right->frames_at_close(), 20'000u);
}

TEST_F(CafLink, WhatBothSidesHaveQueuedArrivesWhenOneCloses) {
  auto left = make_recorder(), right = make_recorder();
  join(left, right);
  for (int i = 0; i < 5'000; ++i) {
    ASSERT_TRUE(left->opened()->send(frame_type::message, bytes(500), lane::ordinary));
    ASSERT_TRUE(right->opened()->send(frame_type::message, bytes(500), lane::ordinary));
  }
  left->opened()->close("the node ends");
  EXPECT_EQ(left->reason(), "the node ends");
  EXPECT_EQ(right->reason(), "the peer closed the connection");
  EXPECT_EQ(left->frames_at_close(), 5'000u);
  EXPECT_EQ(right->frames_at_close(), 5'000u);
}

TEST_F(CafLink, EndIsToldOnceWhoeverClosesHoweverOften) {
  auto left = make_recorder(), right = make_recorder();
  join(left, right);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { left->opened()->close("left"); });
    threads.emplace_back([&] { right->opened()->close("right"); });
  }
  threads.clear();
  EXPECT_TRUE(left->is_closed());
  EXPECT_TRUE(right->is_closed());
  left->opened()->close("again");
  EXPECT_EQ(transport().stop(), 0u);
  EXPECT_EQ(left->reasons().size(), 1u);
  EXPECT_EQ(right->reasons().size(), 1u);
}

TEST_F(CafLink, OwnerMaySendAndCloseInsideOfItsCallbacks) {
  auto left = make_recorder();
  auto right = make_recorder(true, [](link& here, frame_type, std::span<const std::uint8_t> payload) {
    EXPECT_TRUE(here.send(frame_type::message, payload, lane::answer));
    if (payload.empty())
      here.close("asked to");
  });
  join(left, right);
  ASSERT_TRUE(left->opened()->send(frame_type::message, bytes{1}, lane::ordinary));
  ASSERT_TRUE(left->opened()->send(frame_type::message, {}, lane::ordinary));
  EXPECT_EQ(right->reason(), "asked to");
  EXPECT_TRUE(left->is_closed());
  EXPECT_EQ(left->frames().size(), 2u);
}

TEST_F(CafLink, OwnerThatThrowsLosesItsLinkOnly) {
  auto left = make_recorder();
  auto right =
    make_recorder(true, [](link&, frame_type, std::span<const std::uint8_t>) { throw std::runtime_error("a defect"); });
  auto other_left = make_recorder(), other_right = make_recorder();
  join(left, right);
  join(other_left, other_right);
  ASSERT_TRUE(left->opened()->send(frame_type::message, bytes{1}, lane::ordinary));
  EXPECT_NE(right->reason().find("a defect"), std::string::npos);
  ASSERT_TRUE(other_left->opened()->send(frame_type::message, bytes{1}, lane::ordinary));
  EXPECT_TRUE(other_right->has_frames(1));
}

TEST_F(CafLink, StopClosesEverythingAndLinksMayBeHeldLonger) {
  auto left = make_recorder(), right = make_recorder();
  join(left, right);
  auto listener = transport().listen(path("s"), [] { return make_recorder(); });
  ASSERT_TRUE(listener);
  EXPECT_EQ(transport().stop(), 0u);
  EXPECT_EQ(left->reason(), "the link transport was stopped");
  EXPECT_FALSE(std::filesystem::exists(path("s")));
  EXPECT_FALSE(left->opened()->send(frame_type::message, bytes{1}, lane::ordinary));
  left->opened()->close("late");
  auto late = make_recorder();
  int sockets[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
  transport().adopt(sockets[0], late);
  ::close(sockets[1]);
  EXPECT_TRUE(late->is_closed());
  EXPECT_FALSE(transport().listen(path("s"), [] { return make_recorder(); }));
}

TEST_F(CafLink, StopIsNotHeldUpByPeerThatDoesNotRead) {
  auto handler = make_recorder();
  const int peer = raw_peer_of(handler);
  ASSERT_TRUE(handler->opened()->send(frame_type::message, bytes(8u << 20), lane::ordinary));
  EXPECT_EQ(transport().stop(), 0u);
  EXPECT_TRUE(handler->is_closed());
  ::close(peer);
}

} // namespace

} // namespace troupe::testing
