#include "tests/process/link/link_fixture.hpp"

#include <atomic>
#include <csignal>
#include <fstream>

namespace troupe::testing {

namespace {

std::size_t resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == "VmRSS:") {
      std::size_t kib = 0;
      status >> kib;
      return kib;
    }
  return 0;
}

class LinkPeer : public link_fixture {};

TEST_F(LinkPeer, LengthOf2GiBClosesThisLinkOnlyAndTakesNoMemory) {
  auto victim = make_recorder(), left = make_recorder(), right = make_recorder();
  const int peer = raw_peer_of(victim);
  join(left, right);
  const auto before = resident_kib();
  bytes header(frame_header_bytes);
  write_frame_header(header.data(), frame_type::message, 0x80000000u);
  write_all(peer, header);
  EXPECT_NE(victim->reason().find("2147483648"), std::string::npos) << victim->reason();
  EXPECT_LT(resident_kib(), before + 8 * 1024);
  EXPECT_TRUE(read_all(peer).empty()) << "the peer sees the end";
  ASSERT_TRUE(left->opened()->send(frame_type::message, bytes{1}, lane::ordinary));
  EXPECT_TRUE(right->has_frames(1));
  ::close(peer);
}

TEST_F(LinkPeer, FrameAboveTheHelloLimitIsRefusedUntilTrust) {
  auto stranger = make_recorder(false);
  const int peer = raw_peer_of(stranger);
  write_all(peer, encoded(frame_type::hello, bytes(options.max_hello_bytes)));
  ASSERT_TRUE(stranger->has_frames(1));
  stranger->opened()->trust();
  write_all(peer, encoded(frame_type::message, bytes(options.max_hello_bytes + 1)));
  ASSERT_TRUE(stranger->has_frames(2));
  ::close(peer);
  auto second = make_recorder(false);
  const int other = raw_peer_of(second);
  write_all(other, encoded(frame_type::hello, bytes(options.max_hello_bytes + 1)));
  EXPECT_NE(second->reason().find("limit"), std::string::npos) << second->reason();
  ::close(other);
}

TEST_F(LinkPeer, GarbageClosesTheLinkWithReason) {
  auto victim = make_recorder(false);
  const int peer = raw_peer_of(victim);
  const std::string text = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  write_all(peer, bytes(text.begin(), text.end()));
  EXPECT_NE(victim->reason().find("does not speak this protocol"), std::string::npos) << victim->reason();
  EXPECT_TRUE(victim->frames().empty());
  ::close(peer);
}

TEST_F(LinkPeer, FramesBeforeTheBadOneAreHandedOver) {
  auto victim = make_recorder();
  const int peer = raw_peer_of(victim);
  auto stream = encoded(frame_type::message, bytes{1});
  const auto bad = encoded(frame_type{77}, bytes{1});
  stream.insert(stream.end(), bad.begin(), bad.end());
  write_all(peer, stream);
  EXPECT_TRUE(victim->is_closed());
  EXPECT_EQ(victim->frames_at_close(), 1u);
  ::close(peer);
}

TEST_F(LinkPeer, SlowPeerThatSendsByteByByteIsUnderstood) {
  auto handler = make_recorder();
  const int peer = raw_peer_of(handler);
  auto stream = encoded(frame_type::message, bytes(300, 4));
  const auto second = encoded(frame_type::ping, {});
  stream.insert(stream.end(), second.begin(), second.end());
  const auto before = handler->opened()->last_received();
  for (const auto byte : stream) {
    write_all(peer, bytes{byte});
    std::this_thread::yield();
  }
  ASSERT_TRUE(handler->has_frames(2));
  EXPECT_EQ(handler->frames()[0].payload, bytes(300, 4));
  EXPECT_EQ(handler->frames()[1].type, frame_type::ping);
  EXPECT_GT(handler->opened()->last_received(), before);
  ::close(peer);
}

TEST_F(LinkPeer, PieceOfFrameCountsAsLife) {
  auto handler = make_recorder();
  const int peer = raw_peer_of(handler);
  auto frame = encoded(frame_type::message, bytes(1u << 20));
  frame.resize(1000);
  const auto before = handler->opened()->last_received();
  write_all(peer, frame);
  EXPECT_TRUE(eventually([&] { return handler->opened()->last_received() > before; }));
  ::close(peer);
  EXPECT_EQ(handler->reason(), "the peer closed the connection in the middle of a frame");
}

TEST_F(LinkPeer, HalfOpenPeerStillGetsWhatIsQueuedForIt) {
  auto handler = make_recorder();
  const int peer = raw_peer_of(handler);
  for (int i = 0; i < 2'000; ++i)
    ASSERT_TRUE(handler->opened()->send(frame_type::message, bytes(1'000), lane::ordinary));
  ::shutdown(peer, SHUT_WR);
  EXPECT_EQ(read_all(peer).size(), 2'000 * (1'000 + frame_header_bytes));
  EXPECT_EQ(handler->reason(), "the peer closed the connection");
  ::close(peer);
}

TEST_F(LinkPeer, HalfOpenPeerThatDoesNotReadIsCutOff) {
  options.close_grace = std::chrono::milliseconds{50};
  auto handler = make_recorder();
  const int peer = raw_peer_of(handler);
  ASSERT_TRUE(handler->opened()->send(frame_type::message, bytes(4u << 20), lane::ordinary));
  ::shutdown(peer, SHUT_WR);
  EXPECT_NE(handler->reason().find("were not sent"), std::string::npos) << handler->reason();
  ::close(peer);
}

TEST_F(LinkPeer, PeerThatAnswersTheCloseWithSilenceIsCutOff) {
  options.close_grace = std::chrono::milliseconds{50};
  auto handler = make_recorder();
  const int peer = raw_peer_of(handler);
  handler->opened()->close("done");
  EXPECT_EQ(handler->reason(), "done");
  ::close(peer);
}

/// A child that writes `before` to the socket and is killed while it would write on.
pid_t child_that_writes(int socket, int closed_there, const std::vector<std::uint8_t>& data) {
  const auto child = ::fork();
  if (child == 0) {
    ::close(closed_there);
    std::size_t at = 0;
    while (at < data.size()) {
      const auto count = ::send(socket, data.data() + at, data.size() - at, MSG_NOSIGNAL);
      if (count <= 0)
        ::_exit(1);
      at += static_cast<std::size_t>(count);
    }
    for (;;)
      ::pause();
  }
  return child;
}

TEST_F(LinkPeer, PeerKilledInTheMiddleOfFrameIsReportedAfterItsWholeFrames) {
  auto handler = make_recorder();
  auto& made = transport();
  int sockets[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
  auto stream = encoded(frame_type::message, bytes(100));
  auto cut = encoded(frame_type::message, bytes(40'000));
  cut.resize(30'000);
  stream.insert(stream.end(), cut.begin(), cut.end());
  const auto child = child_that_writes(sockets[1], sockets[0], stream);
  ASSERT_GT(child, 0);
  ::close(sockets[1]);
  made.adopt(sockets[0], handler);
  ASSERT_TRUE(handler->has_frames(1));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(handler->reason(), "the peer closed the connection in the middle of a frame");
  EXPECT_EQ(handler->frames_at_close(), 1u);
  EXPECT_EQ(handler->reasons().size(), 1u);
}

TEST_F(LinkPeer, WhatKilledPeerHadSentArrivesEvenWhileWeSend) {
  // Our writes fail as soon as the peer is dead; what it sent before must not be lost with that.
  for (int round = 0; round < 20; ++round) {
    auto handler = make_recorder();
    auto& made = transport();
    int sockets[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    bytes stream;
    for (int i = 0; i < 100; ++i) {
      const auto frame = encoded(frame_type::message, bytes(1'000));
      stream.insert(stream.end(), frame.begin(), frame.end());
    }
    std::atomic<bool> is_sending = true;
    made.adopt(sockets[0], handler);
    auto out = handler->opened();
    std::jthread sender([&] {
      while (is_sending)
        if (!out->send(frame_type::message, bytes(2'000), lane::ordinary))
          std::this_thread::yield();
    });
    write_all(sockets[1], stream);
    ::close(sockets[1]);
    EXPECT_TRUE(handler->is_closed());
    is_sending = false;
    sender.join();
    EXPECT_EQ(handler->frames_at_close(), 100u);
  }
}

} // namespace

} // namespace troupe::testing
