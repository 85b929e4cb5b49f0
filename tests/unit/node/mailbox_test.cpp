#include "runtime/node/mailbox.hpp"

#include <gtest/gtest.h>

#include <thread>

using namespace troupe;

namespace {

constexpr std::uint32_t roomy = 1'000'000;

message_ptr numbered_tick(std::uint64_t number, std::string command = "tick") {
  message_fields fields;
  fields.command = std::move(command);
  fields.number = number;
  return std::make_shared<const message>(std::move(fields));
}

void fill(mailbox& box, std::uint64_t first, std::uint64_t last) {
  for (auto number = first; number <= last; ++number) {
    ASSERT_TRUE(box.push(numbered_tick(number), roomy));
  }
}

std::vector<std::uint64_t> drain(mailbox& box) {
  std::vector<std::uint64_t> all;
  while (auto what = box.take_message()) {
    all.push_back(what->number());
  }
  return all;
}

using numbers = std::vector<std::uint64_t>;

} // namespace

TEST(Mailbox, GivesMessagesInTheOrderTheyCame) {
  mailbox box;
  fill(box, 1, 3);
  EXPECT_EQ(box.take_message()->number(), 1u);
  fill(box, 4, 5);
  EXPECT_EQ(drain(box), (numbers{2, 3, 4, 5}));
  EXPECT_EQ(box.size(), 0u);
  EXPECT_EQ(box.take_message(), nullptr);
}

TEST(Mailbox, KeepsTheOrderOfEachProducerWhileAllPushAtOnce) {
  constexpr std::uint64_t each = 20'000;
  constexpr std::uint64_t producers = 4;
  mailbox box;
  std::vector<std::jthread> threads;
  for (std::uint64_t producer = 0; producer < producers; ++producer) {
    threads.emplace_back([&box, producer] {
      for (std::uint64_t i = 0; i < each; ++i) {
        box.push(numbered_tick(producer << 32 | i), roomy);
      }
    });
  }
  std::uint64_t next[producers] = {};
  std::uint64_t taken = 0;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (taken < each * producers && std::chrono::steady_clock::now() < deadline) {
    auto what = box.take_message();
    if (!what) {
      std::this_thread::yield();
      continue;
    }
    ++taken;
    const auto producer = what->number() >> 32;
    ASSERT_EQ(what->number() & 0xffffffff, next[producer]++);
  }
  EXPECT_EQ(taken, each * producers);
  EXPECT_EQ(box.size(), 0u);
}

TEST(Mailbox, TakesNoMoreThanItsLimitAlsoFromManyAtOnce) {
  mailbox box;
  std::atomic<int> taken{0};
  {
    std::vector<std::jthread> threads;
    for (int producer = 0; producer < 4; ++producer) {
      threads.emplace_back([&] {
        for (std::uint64_t i = 0; i < 1000; ++i) {
          taken += box.push(numbered_tick(i), 500) ? 1 : 0;
        }
      });
    }
  }
  EXPECT_LE(box.size(), 500u);
  EXPECT_EQ(box.size(), static_cast<std::size_t>(taken.load()));
  EXPECT_EQ(drain(box).size(), static_cast<std::size_t>(taken.load()));
  EXPECT_TRUE(box.push(numbered_tick(1), 1));
  EXPECT_FALSE(box.push(numbered_tick(2), 1));
}

TEST(Mailbox, AMessagePutBackIsTheNext) {
  mailbox box;
  box.put_back(numbered_tick(7));
  fill(box, 8, 9);
  box.put_back(numbered_tick(6));
  EXPECT_EQ(box.size(), 4u);
  EXPECT_EQ(drain(box), (numbers{6, 7, 8, 9}));
}

TEST(Mailbox, TheSystemLaneHasItsOwnOrderAndNoLimit) {
  mailbox box;
  EXPECT_FALSE(box.take_system());
  numbers seen;
  for (std::uint64_t i = 0; i < 3; ++i) {
    box.push([&seen, i] { seen.push_back(i); });
  }
  EXPECT_FALSE(box.push(numbered_tick(1), 0));
  EXPECT_TRUE(box.has_system());
  EXPECT_FALSE(box.has_messages());
  while (auto next = box.take_system()) {
    next();
  }
  EXPECT_EQ(seen, (numbers{0, 1, 2}));
}

TEST(Mailbox, InspectAllSeesEverythingOnceAndTheRestKeepsItsOrder) {
  mailbox box;
  fill(box, 1, 6);
  EXPECT_EQ(box.take_message()->number(), 1u);
  fill(box, 7, 8);
  numbers seen;
  box.inspect_all([&](const message_ptr& what) {
    seen.push_back(what->number());
    return what->number() % 2 == 0;
  });
  EXPECT_EQ(seen, (numbers{2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(box.size(), 3u);
  fill(box, 9, 9);
  EXPECT_EQ(drain(box), (numbers{3, 5, 7, 9}));
}

TEST(Mailbox, InspectNewSeesOnlyWhatCameSinceTheLastLook) {
  mailbox box;
  fill(box, 1, 3);
  EXPECT_TRUE(box.has_new_messages());
  auto look = [&](std::uint64_t removed) {
    numbers seen;
    box.inspect_new([&](const message_ptr& what) {
      seen.push_back(what->number());
      return what->number() == removed;
    });
    return seen;
  };
  EXPECT_EQ(look(3), (numbers{1, 2, 3}));
  EXPECT_FALSE(box.has_new_messages());
  EXPECT_EQ(look(0), numbers{});
  fill(box, 4, 6);
  EXPECT_EQ(look(4), (numbers{4, 5, 6}));
  EXPECT_EQ(drain(box), (numbers{1, 2, 5, 6}));
}

TEST(Mailbox, RemovingAllByInspectionLeavesAMailboxThatWorksOn) {
  mailbox box;
  fill(box, 1, 3);
  box.inspect_all([](const message_ptr&) { return true; });
  EXPECT_EQ(box.size(), 0u);
  EXPECT_FALSE(box.has_messages());
  fill(box, 4, 5);
  box.inspect_new([](const message_ptr&) { return true; });
  EXPECT_FALSE(box.has_messages());
  fill(box, 6, 6);
  EXPECT_EQ(drain(box), numbers{6});
}

TEST(Mailbox, DropsWhatItHoldsWhenItEnds) {
  std::weak_ptr<const message> held;
  {
    mailbox box;
    auto what = numbered_tick(1);
    held = what;
    box.push(std::move(what), roomy);
  }
  EXPECT_TRUE(held.expired());
}

TEST(Mailbox, OneMessageMayWaitSeveralTimesAndInSeveralMailboxes) {
  const auto what = numbered_tick(1);
  mailbox first;
  mailbox second;
  for (int round = 0; round < 2; ++round) {
    first.push(what, roomy);
    second.push(what, roomy);
    first.push(numbered_tick(2), roomy);
    first.push(what, roomy);
    EXPECT_EQ(drain(first), (numbers{1, 2, 1}));
    EXPECT_EQ(drain(second), numbers{1});
  }
  first.push(what, roomy);
  first.put_back(what);
  first.inspect_all([](const message_ptr& seen) { return seen->number() == 1; });
  EXPECT_FALSE(first.has_messages());
  EXPECT_EQ(what.use_count(), 1);
}
