#include "tests/process/link/link_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <random>

namespace troupe::testing {

namespace {

using bytes = std::vector<std::uint8_t>;
using random = std::mt19937;

std::size_t below(random& dice, std::size_t limit) {
  return std::uniform_int_distribution<std::size_t>{0, limit - 1}(dice);
}

bytes noise(random& dice, std::size_t size) {
  bytes made(size);
  for (auto& byte : made)
    byte = static_cast<std::uint8_t>(dice());
  return made;
}

/// Valid frames, some of them spoiled: bytes changed, removed, repeated, or the end cut off.
bytes spoiled_stream(random& dice) {
  bytes stream;
  for (auto frames = 1 + below(dice, 8); frames > 0; --frames) {
    const auto payload = noise(dice, below(dice, 4) == 0 ? below(dice, 70'000) : below(dice, 50));
    bytes header(frame_header_bytes);
    write_frame_header(header.data(), static_cast<frame_type>(1 + below(dice, 9)),
                       static_cast<std::uint32_t>(payload.size()));
    stream.insert(stream.end(), header.begin(), header.end());
    stream.insert(stream.end(), payload.begin(), payload.end());
  }
  for (auto changes = below(dice, 4); changes > 0 && !stream.empty(); --changes) {
    const auto at = static_cast<std::ptrdiff_t>(below(dice, stream.size()));
    switch (below(dice, 4)) {
    case 0:
      stream[static_cast<std::size_t>(at)] ^= static_cast<std::uint8_t>(1 + below(dice, 255));
      break;
    case 1:
      stream.erase(stream.begin() + at);
      break;
    case 2:
      stream.insert(stream.begin() + at, static_cast<std::uint8_t>(dice()));
      break;
    default:
      stream.resize(static_cast<std::size_t>(at));
    }
  }
  return stream;
}

/// What a reader with all bytes before it finds: sizes of the frames, and whether the stream is refused.
std::pair<std::vector<std::size_t>, bool> reference(const bytes& stream, std::size_t limit) {
  std::vector<std::size_t> sizes;
  for (std::size_t at = 0; stream.size() - at >= frame_header_bytes;) {
    const std::size_t length = frame_payload_bytes(stream.data() + at);
    if (length > limit || !is_frame_type(stream[at + 4]))
      return {sizes, true};
    if (stream.size() - at - frame_header_bytes < length)
      break;
    sizes.push_back(length);
    at += frame_header_bytes + length;
  }
  return {sizes, false};
}

TEST(FrameReaderFuzz, AnyStreamInAnyPiecesIsReadAsInOne) {
  constexpr std::size_t limit = 65'536;
  for (unsigned seed = 0; seed < 3'000; ++seed) {
    random dice{seed};
    const auto stream = seed % 5 == 0 ? noise(dice, below(dice, 300)) : spoiled_stream(dice);
    const auto [expected, is_refused] = reference(stream, limit);
    frame_reader reader{limit};
    std::vector<std::size_t> sizes;
    bool was_refused = false;
    const auto sink = [&](frame_type, std::span<const std::uint8_t> payload) {
      sizes.push_back(payload.size());
      return true;
    };
    for (std::size_t at = 0; at < stream.size() && !was_refused;) {
      auto count = std::min(1 + below(dice, below(dice, 2) == 0 ? 8 : 40'000), stream.size() - at);
      if (const auto room = reader.missing(); room.size() > 100 && below(dice, 2) == 0) {
        count = std::min(count, room.size());
        std::copy_n(stream.begin() + static_cast<std::ptrdiff_t>(at), count, room.begin());
        reader.filled(count, sink);
      } else {
        was_refused = !reader.feed({stream.data() + at, count}, sink);
      }
      at += count;
    }
    ASSERT_EQ(was_refused, is_refused) << "seed " << seed;
    ASSERT_EQ(sizes, expected) << "seed " << seed;
  }
}

std::size_t peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == "VmHWM:") {
      std::size_t kib = 0;
      status >> kib;
      return kib;
    }
  return 0;
}

class LinkFuzz : public link_fixture {};

TEST_F(LinkFuzz, HostilePeersCostTheirOwnLinksOnly) {
  auto left = make_recorder();
  auto right = make_recorder(true, [](link& here, frame_type type, std::span<const std::uint8_t> payload) {
    if (type == frame_type::ping) {
      EXPECT_TRUE(here.send(frame_type::pong, payload, lane::control));
    }
  });
  join(left, right);
  const auto before = peak_kib();
  std::size_t pings = 0;
  for (unsigned round = 0; round < 30; ++round) {
    std::vector<std::shared_ptr<recording_handler>> victims;
    std::vector<int> peers;
    for (unsigned i = 0; i < 10; ++i) {
      random dice{round * 10 + i};
      victims.push_back(make_recorder(i % 2 == 0));
      peers.push_back(raw_peer_of(victims.back()));
      const auto stream = i == 0 ? noise(dice, 100'000) : spoiled_stream(dice);
      for (std::size_t at = 0; at < stream.size();) {
        const auto count = std::min(1 + below(dice, 30'000), stream.size() - at);
        // A link that was closed refuses the rest.
        if (::send(peers.back(), stream.data() + at, count, MSG_NOSIGNAL) < 0)
          break;
        at += count;
      }
      if (i % 3 == 0)
        ::shutdown(peers.back(), SHUT_WR);
    }
    ASSERT_TRUE(left->opened()->send(frame_type::ping, bytes{1}, lane::control));
    ASSERT_TRUE(left->has_frames(++pings)) << "the good link is starved";
    for (const int peer : peers)
      ::close(peer);
    for (const auto& victim : victims) {
      EXPECT_TRUE(victim->is_closed());
      EXPECT_EQ(victim->reasons().size(), 1u);
      EXPECT_FALSE(victim->reason().empty());
    }
  }
  EXPECT_LT(peak_kib(), before + 64 * 1024);
  EXPECT_TRUE(left->reasons().empty());
}

TEST_F(LinkFuzz, LinksThatAreUsedAndClosedFromAllSidesAtOnceEndOnce) {
  for (unsigned round = 0; round < 60; ++round) {
    auto left = make_recorder(), right = make_recorder();
    join(left, right);
    {
      std::vector<std::jthread> threads;
      for (unsigned i = 0; i < 4; ++i)
        threads.emplace_back([&, i] {
          random dice{round * 4 + i};
          auto here = (i % 2 == 0 ? left : right)->opened();
          for (auto frames = below(dice, 300); frames > 0; --frames)
            (void)here->send(static_cast<frame_type>(1 + below(dice, 9)), bytes(below(dice, 3'000)), lane::answer);
          if (below(dice, 2) == 0)
            here->close("enough");
        });
    }
    left->opened()->close("end");
    EXPECT_TRUE(left->is_closed());
    EXPECT_TRUE(right->is_closed());
    EXPECT_EQ(left->reasons().size(), 1u);
    EXPECT_EQ(right->reasons().size(), 1u);
  }
}

} // namespace

} // namespace troupe::testing
