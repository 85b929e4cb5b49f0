// Random runs, correct by construction, with one error planted in each: the checker must call every one of them bad and
// the untouched ones good.
#include "tests/history/checker.hpp"
#include "tests/history/range_set.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <set>

namespace {

using history::copy_history;
using history::range;

/// One message on its way, as the true run had it.
struct hop {
  std::size_t receiver;
  std::uint64_t seq;
};

class random_run {
public:
  explicit random_run(unsigned seed) : random_(seed) {
    const std::size_t actors = 2 + random_() % 4;
    for (std::size_t i = 0; i < actors; ++i) {
      now_.push_back(0);
      begin_copy(i);
    }
    queues_.resize(actors);
    for (int step = 0; step < 300; ++step) {
      const auto who = random_() % actors;
      switch (random_() % 10) {
      case 0:
        begin_copy(who);
        break;
      case 1:
      case 2:
      case 3:
      case 4:
        send(who, random_() % actors);
        break;
      default:
        receive(who);
      }
    }
    for (std::size_t i = 0; i < actors; ++i) {
      while (receive(i)) {
      }
    }
  }

  std::vector<copy_history> copies() const { return copies_; }
  std::mt19937& random() { return random_; }

private:
  static std::string name(std::size_t actor) { return "actor_" + std::to_string(actor); }
  static std::string stream(std::size_t actor) { return name(actor) + "#1"; }

  copy_history& copy_of(std::size_t actor) { return copies_[now_[actor]]; }

  std::uint64_t work(copy_history& copy) {
    copy.last_active = ++time_;
    copy.first_active = copy.first_active.value_or(time_);
    return time_;
  }

  void begin_copy(std::size_t actor) {
    if (!copies_.empty() && copy_of(actor).actor == name(actor)) {
      copy_of(actor).ended = ++time_;
    }
    copies_.push_back({});
    now_[actor] = copies_.size() - 1;
    copies_.back().actor = name(actor);
    copies_.back().copy = "copy_" + std::to_string(copies_.size());
    copies_.back().born = work(copies_.back());
  }

  void send(std::size_t from, std::size_t to) {
    const auto seq = ++next_[{from, to}];
    extend(copy_of(from).out[{stream(from), name(to)}].sent, range{seq, seq});
    work(copy_of(from));
    queues_[to][from].push_back(hop{to, seq});
  }

  bool receive(std::size_t who) {
    std::vector<std::size_t> ready;
    for (const auto& [from, queue] : queues_[who]) {
      if (!queue.empty()) {
        ready.push_back(from);
      }
    }
    if (ready.empty()) {
      return false;
    }
    const auto from = ready[random_() % ready.size()];
    auto& queue = queues_[who][from];
    extend(copy_of(who).in[stream(from)], range{queue.front().seq, queue.front().seq});
    work(copy_of(who));
    queue.erase(queue.begin());
    return true;
  }

  std::mt19937 random_;
  std::uint64_t time_ = 0;
  std::vector<copy_history> copies_;
  std::vector<std::size_t> now_;
  std::map<std::pair<std::size_t, std::size_t>, std::uint64_t> next_;
  std::vector<std::map<std::size_t, std::vector<hop>>> queues_;
};

/// Where something was received: a copy with its list of ranges.
std::vector<history::ranges*> receptions(std::vector<copy_history>& copies) {
  std::vector<history::ranges*> out;
  for (auto& copy : copies) {
    for (auto& [stream, got] : copy.in) {
      out.push_back(&got);
    }
  }
  return out;
}

history::ranges& any(std::vector<copy_history>& copies, std::mt19937& random) {
  const auto all = receptions(copies);
  return *all[random() % all.size()];
}

struct planted {
  std::string kind;
  /// False if this run has no place for it.
  std::function<bool(std::vector<copy_history>&, std::mt19937&)> plant;
};

const std::vector<planted>& errors() {
  static const std::vector<planted> all{
    {"lost",
     [](auto& copies, auto& random) {
       auto& got = any(copies, random);
       got.front().first == got.front().last ? (void)got.erase(got.begin()) : (void)++got.front().first;
       return true;
     }},
    {"doubled",
     [](auto& copies, auto& random) {
       auto& got = any(copies, random);
       got.push_back(range{got.back().last, got.back().last});
       return true;
     }},
    {"reordered",
     [](auto& copies, auto& random) {
       auto& got = any(copies, random);
       const auto last = got.back();
       if (last.first == last.last) {
         return false;
       }
       got.back() = range{last.last, last.last};
       got.push_back(range{last.first, last.last - 1});
       return true;
     }},
    {"phantom",
     [](auto& copies, auto& random) {
       any(copies, random).push_back(range{1'000'000, 1'000'000});
       return true;
     }},
    {"two_copies",
     [](auto& copies, auto& random) {
       for (auto& earlier : copies) {
         for (auto& later : copies) {
           if (earlier.actor == later.actor && *earlier.last_active < *later.first_active) {
             earlier.last_active = *later.first_active + 1;
             earlier.ended.reset();
             return true;
           }
         }
       }
       return false;
     }},
    {"sender_repeat",
     [](auto& copies, auto& random) {
       for (auto& copy : copies) {
         for (auto& [where, what] : copy.out) {
           what.sent.push_back(range{what.sent.back().last, what.sent.back().last});
           return true;
         }
       }
       return false;
     }},
  };
  return all;
}

class RandomHistory : public testing::TestWithParam<unsigned> {};

TEST_P(RandomHistory, IsGoodAsItIsAndBadWithAnyErrorPlanted) {
  for (unsigned i = 0; i < 25; ++i) {
    random_run run(GetParam() * 1000 + i);
    const auto good = history::check(run.copies());
    ASSERT_TRUE(good.good()) << "seed " << GetParam() * 1000 + i << ": " << good;
    for (const bool crashes : {false, true}) {
      for (const auto& error : errors()) {
        auto copies = run.copies();
        if (!error.plant(copies, run.random())) {
          continue;
        }
        for (auto& copy : copies) {
          copy.ended = copy.ended.value_or(UINT64_MAX);
        }
        const auto found = history::check(copies, {.crashes = crashes});
        ASSERT_GT(found.count(error.kind), 0u) << "seed " << GetParam() * 1000 + i << ": " << found;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomHistory, testing::Range(0u, 10u));

TEST(RangeSet, AgreesWithASetOfNumbers) {
  std::mt19937 random(7);
  const auto pick = [&](history::range_set& ranges, std::set<std::uint64_t>& numbers) {
    for (int i = 0; i < 12; ++i) {
      const std::uint64_t first = 1 + random() % 60;
      const std::uint64_t last = first + random() % 5;
      ranges.add(range{first, last});
      for (auto n = first; n <= last; ++n) {
        numbers.insert(n);
      }
    }
  };
  const auto numbers_of = [](const history::range_set& ranges) {
    std::set<std::uint64_t> out;
    for (const auto& one : ranges.all()) {
      for (auto n = one.first; n <= one.last; ++n) {
        out.insert(n);
      }
    }
    return out;
  };
  for (int round = 0; round < 500; ++round) {
    history::range_set a;
    history::range_set b;
    std::set<std::uint64_t> in_a;
    std::set<std::uint64_t> in_b;
    pick(a, in_a);
    pick(b, in_b);
    ASSERT_EQ(numbers_of(a), in_a);
    ASSERT_EQ(a.size(), in_a.size());
    std::set<std::uint64_t> both = in_a;
    both.insert(in_b.begin(), in_b.end());
    ASSERT_EQ(numbers_of(a.with(b)), both);
    std::set<std::uint64_t> rest;
    for (const auto n : in_a) {
      if (in_b.count(n) == 0) {
        rest.insert(n);
      }
    }
    ASSERT_EQ(numbers_of(a.without(b)), rest);
    std::set<std::uint64_t> common;
    for (std::uint64_t n = 10; n <= 30; ++n) {
      if (in_a.count(n) != 0) {
        common.insert(n);
      }
    }
    ASSERT_EQ(numbers_of(a.common(range{10, 30})), common);
  }
}

} // namespace
