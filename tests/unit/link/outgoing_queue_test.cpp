#include "runtime/link/outgoing_queue.hpp"

#include "runtime/link/frame_reader.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace troupe;
using bytes = std::vector<std::uint8_t>;

struct outgoing : testing::Test {
  link_options options;
  int wakes = 0;

  std::unique_ptr<outgoing_queue> make() {
    return std::make_unique<outgoing_queue>(options, [this] { ++wakes; });
  }

  /// Takes all that waits, as a link's writer does; returns types and payload sizes.
  static std::vector<std::pair<frame_type, std::size_t>> drained(outgoing_queue& queue) {
    std::vector<std::pair<frame_type, std::size_t>> seen;
    frame_reader reader{frame_length_limit};
    frame_chunk chunk;
    while (queue.next(chunk)) {
      const auto count = chunk.unsent().size();
      EXPECT_TRUE(reader.feed(chunk.unsent(), [&](frame_type type, std::span<const std::uint8_t> payload) {
        seen.emplace_back(type, payload.size());
        return true;
      }));
      EXPECT_FALSE(reader.is_inside_frame()) << "a chunk holds whole frames";
      chunk.begin = chunk.end;
      queue.sent(count);
    }
    return seen;
  }
};

using OutgoingQueue = outgoing;

TEST_F(OutgoingQueue, WriterIsWokenOnceUntilItSleepsAgain) {
  auto queue = make();
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(queue->put(frame_type::message, bytes(10), lane::ordinary));
  EXPECT_EQ(wakes, 1);
  EXPECT_EQ(drained(*queue).size(), 3u);
  ASSERT_TRUE(queue->put(frame_type::message, bytes(10), lane::ordinary));
  EXPECT_EQ(wakes, 2);
}

TEST_F(OutgoingQueue, OrdinaryFramesAreRefusedAboveTheBoundAndAnswersAreNot) {
  options.max_queue_bytes = 1000;
  auto queue = make();
  ASSERT_TRUE(queue->put(frame_type::message, bytes(900), lane::ordinary));
  const auto refused = queue->put(frame_type::message, bytes(100), lane::ordinary);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::mailbox_full);
  EXPECT_TRUE(queue->put(frame_type::message, bytes(100), lane::answer));
  EXPECT_TRUE(queue->put(frame_type::control, bytes(100), lane::control));
  EXPECT_EQ(drained(*queue).size(), 3u);
  EXPECT_EQ(queue->queued_bytes(), 0u);
  EXPECT_TRUE(queue->put(frame_type::message, bytes(100), lane::ordinary));
}

TEST_F(OutgoingQueue, EmptyQueueTakesAnyFrameWithinTheFrameLimit) {
  options.max_queue_bytes = 1000;
  options.max_frame_bytes = 1u << 20;
  auto queue = make();
  EXPECT_TRUE(queue->put(frame_type::message, bytes(1u << 20), lane::ordinary));
  const auto refused = queue->put(frame_type::message, bytes((1u << 20) + 1), lane::answer);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::too_large);
}

TEST_F(OutgoingQueue, TakesAFrameOfTheBoundsSizeWhileSmallOnesPassAndNoSecondOne) {
  options.max_queue_bytes = 1u << 20;
  auto queue = make();
  ASSERT_TRUE(queue->put(frame_type::message, bytes(10u << 10), lane::ordinary));
  EXPECT_TRUE(queue->put(frame_type::message, bytes(1u << 20), lane::ordinary));
  EXPECT_FALSE(queue->put(frame_type::message, bytes(1u << 20), lane::ordinary));
  EXPECT_FALSE(queue->put(frame_type::message, bytes(1), lane::ordinary));
  EXPECT_EQ(drained(*queue).size(), 2u);
}

TEST_F(OutgoingQueue, OnlyProofsOfLifeOvertake) {
  auto queue = make();
  ASSERT_TRUE(queue->put(frame_type::message, bytes(1u << 20), lane::ordinary));
  ASSERT_TRUE(queue->put(frame_type::message, bytes(1), lane::ordinary));
  ASSERT_TRUE(queue->put(frame_type::barrier, bytes(2), lane::control));
  ASSERT_TRUE(queue->put(frame_type::ping, bytes(3), lane::control));
  ASSERT_TRUE(queue->put(frame_type::pong, bytes(400), lane::control));
  const std::vector<std::pair<frame_type, std::size_t>> expected{{frame_type::ping, 3},
                                                                 {frame_type::pong, 400},
                                                                 {frame_type::message, 1u << 20},
                                                                 {frame_type::message, 1},
                                                                 {frame_type::barrier, 2}};
  EXPECT_EQ(drained(*queue), expected);
}

TEST_F(OutgoingQueue, FloodOfPongsToPeerThatDoesNotReadStaysSmall) {
  auto queue = make();
  for (int i = 0; i < 100'000; ++i)
    ASSERT_TRUE(queue->put(frame_type::pong, bytes(16), lane::control));
  EXPECT_LE(queue->queued_bytes(), 64u << 10);
  EXPECT_GT(drained(*queue).size(), 100u);
}

TEST_F(OutgoingQueue, SealedQueueTakesNothingMoreAndGivesWhatItHas) {
  auto queue = make();
  ASSERT_TRUE(queue->put(frame_type::message, bytes(1), lane::ordinary));
  int firsts = 0;
  queue->seal("going home", [&] { ++firsts; });
  queue->seal("again", [&] { ++firsts; });
  EXPECT_EQ(firsts, 1);
  const auto refused = queue->put(frame_type::message, bytes(1), lane::answer);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::unavailable);
  EXPECT_NE(refused.error().text.find("going home"), std::string::npos);
  EXPECT_EQ(drained(*queue).size(), 1u);
}

TEST_F(OutgoingQueue, ClosedQueueWakesNobody) {
  auto queue = make();
  queue->close("over");
  EXPECT_FALSE(queue->put(frame_type::message, bytes(1), lane::control));
  frame_chunk chunk;
  EXPECT_FALSE(queue->next(chunk));
  EXPECT_EQ(wakes, 0);
}

TEST_F(OutgoingQueue, FrameThatComesAloneIsWrittenByItsSender) {
  bytes written;
  outgoing_queue queue{options, [this] { ++wakes; },
                       [&](std::span<const std::uint8_t> data) {
                         written.insert(written.end(), data.begin(), data.end());
                         return data.size();
                       }};
  ASSERT_TRUE(queue.put(frame_type::message, bytes(10), lane::ordinary));
  EXPECT_EQ(written.size(), 10 + frame_header_bytes);
  EXPECT_EQ(queue.queued_bytes(), 0u);
  EXPECT_EQ(wakes, 0);
  for (int i = 0; i < 1'000; ++i)
    ASSERT_TRUE(queue.put(frame_type::message, bytes(10), lane::ordinary));
  EXPECT_EQ(wakes, 1) << "a burst is the writer's";
  const auto direct = written.size() / (10 + frame_header_bytes);
  EXPECT_EQ(drained(queue).size(), 1'001 - direct);
  EXPECT_EQ(queue.queued_bytes(), 0u);
}

TEST_F(OutgoingQueue, WriterGoesOnWhereTheSocketStoppedItsSender) {
  for (const auto type : {frame_type::message, frame_type::ping}) {
    bytes written;
    wakes = 0;
    outgoing_queue queue{options, [this] { ++wakes; },
                         [&](std::span<const std::uint8_t> data) {
                           written.assign(data.begin(), data.begin() + 4);
                           return written.size();
                         }};
    ASSERT_TRUE(queue.put(type, bytes{1, 2, 3, 4, 5, 6, 7, 8, 9}, lane::control));
    EXPECT_EQ(wakes, 1);
    frame_chunk chunk;
    ASSERT_TRUE(queue.next(chunk));
    written.insert(written.end(), chunk.unsent().begin(), chunk.unsent().end());
    EXPECT_EQ(written, (bytes{9, 0, 0, 0, static_cast<std::uint8_t>(type), 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  }
}

TEST_F(OutgoingQueue, LargeFrameAfterOneWrittenDirectlyIsNotHidden) {
  outgoing_queue queue{options, [] {}, [](std::span<const std::uint8_t> data) { return data.size(); }};
  ASSERT_TRUE(queue.put(frame_type::message, bytes(10), lane::ordinary));
  ASSERT_TRUE(queue.put(frame_type::message, bytes(1u << 20), lane::ordinary));
  EXPECT_EQ(drained(queue).size(), 1u);
}

TEST_F(OutgoingQueue, NothingOvertakesTheRestOfAFrameThatASenderBegan) {
  outgoing_queue queue{options, [] {}, [](std::span<const std::uint8_t>) { return std::size_t{4}; }};
  ASSERT_TRUE(queue.put(frame_type::message, bytes(100), lane::ordinary));
  ASSERT_TRUE(queue.put(frame_type::ping, bytes(1), lane::control));
  frame_chunk chunk;
  ASSERT_TRUE(queue.next(chunk));
  EXPECT_EQ(chunk.unsent().size(), 100 + frame_header_bytes - 4);
  ASSERT_TRUE(queue.next(chunk));
  EXPECT_EQ(chunk.unsent().size(), 1 + frame_header_bytes);
}

/// A queue whose frames are kept back, before a socket that takes all.
struct held_back : outgoing {
  bytes written;
  int writes = 0;
  bool holds = true;
  outgoing_queue queue{options, [this] { ++wakes; },
                       [this](std::span<const std::uint8_t> data) {
                         ++writes;
                         written.insert(written.end(), data.begin(), data.end());
                         return data.size();
                       },
                       [this] { return holds; }};

  std::vector<std::uint8_t> first_bytes() {
    std::vector<std::uint8_t> seen;
    frame_reader reader{frame_length_limit};
    EXPECT_TRUE(reader.feed(written, [&](frame_type, std::span<const std::uint8_t> payload) {
      seen.push_back(payload[0]);
      return true;
    }));
    return seen;
  }
};

using HeldBack = held_back;

TEST_F(HeldBack, FramesLeaveTogetherAndInOrder) {
  for (std::uint8_t i = 0; i < 3; ++i)
    ASSERT_TRUE(queue.put(frame_type::message, bytes{i}, lane::ordinary));
  EXPECT_EQ(writes, 0);
  queue.write_out();
  EXPECT_EQ(writes, 1);
  EXPECT_EQ(first_bytes(), (bytes{0, 1, 2}));
  queue.write_out();
  EXPECT_EQ(writes, 1) << "nothing is left";
  EXPECT_EQ(wakes, 0);
  EXPECT_EQ(queue.queued_bytes(), 0u);
}

TEST_F(HeldBack, ASenderWithoutABatchTakesThemAlong) {
  ASSERT_TRUE(queue.put(frame_type::message, bytes{0}, lane::ordinary));
  holds = false;
  ASSERT_TRUE(queue.put(frame_type::message, bytes{1}, lane::ordinary));
  EXPECT_EQ(first_bytes(), (bytes{0, 1}));
}

TEST_F(HeldBack, NoMoreThanSomeKiBAreKept) {
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(queue.put(frame_type::message, bytes(100), lane::ordinary));
  EXPECT_EQ(writes, 2);
  EXPECT_LT(queue.queued_bytes(), 4096u);
}

TEST_F(HeldBack, APingWakesTheWriterForWhatWasKept) {
  ASSERT_TRUE(queue.put(frame_type::message, bytes{0}, lane::ordinary));
  ASSERT_TRUE(queue.put(frame_type::ping, bytes{1}, lane::control));
  EXPECT_EQ(wakes, 1);
  queue.write_out();
  EXPECT_EQ(writes, 0) << "the writer is awake and has them";
  EXPECT_EQ(drained(queue).size(), 2u);
}

TEST_F(HeldBack, ALargeFrameComesBehindThem) {
  ASSERT_TRUE(queue.put(frame_type::message, bytes{0}, lane::ordinary));
  ASSERT_TRUE(queue.put(frame_type::message, bytes(1u << 20), lane::ordinary));
  EXPECT_EQ(wakes, 1);
  const auto seen = drained(queue);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].second, 1u);
}

TEST_F(OutgoingQueue, FramesOfEachSenderKeepTheirOrder) {
  constexpr std::uint32_t senders = 4, each = 20'000;
  options.max_queue_bytes = 1u << 30;
  outgoing_queue queue{options, [] {}};
  std::vector<std::jthread> threads;
  for (std::uint32_t sender = 0; sender < senders; ++sender)
    threads.emplace_back([&queue, sender] {
      for (std::uint32_t i = 0; i < each; ++i) {
        bytes payload(i % 5000 == 0 ? 300u << 10 : 8); // some large ones between
        std::memcpy(payload.data(), &sender, 4);
        std::memcpy(payload.data() + 4, &i, 4);
        ASSERT_TRUE(queue.put(frame_type::message, payload, lane::ordinary));
      }
    });
  std::vector<std::uint32_t> next(senders);
  frame_reader reader{frame_length_limit};
  frame_chunk chunk;
  for (std::uint32_t count = 0; count < senders * each;) {
    if (!queue.next(chunk)) {
      std::this_thread::yield();
      continue;
    }
    ASSERT_TRUE(reader.feed(chunk.unsent(), [&](frame_type, std::span<const std::uint8_t> payload) {
      std::uint32_t sender = 0, number = 0;
      std::memcpy(&sender, payload.data(), 4);
      std::memcpy(&number, payload.data() + 4, 4);
      EXPECT_EQ(number, next.at(sender));
      ++next.at(sender);
      ++count;
      return true;
    }));
    queue.sent(chunk.unsent().size());
  }
  EXPECT_EQ(queue.queued_bytes(), 0u);
}

} // namespace
