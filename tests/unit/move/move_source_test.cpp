#include "runtime/move/move_source.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

using namespace troupe;

namespace {

using kind = move_source::order::kind;
using step = move_source::step;
using kinds = std::vector<kind>;

const result<> well{};
result<> badly() { return fail(error_code::conflict, "it does not work"); }

kinds kinds_of(const move_source::orders& all) {
  kinds out;
  for (const auto& one : all) {
    out.push_back(one.what);
  }
  return out;
}

/// A move that has come as far as `at`.
move_source at(step wanted) {
  move_source move;
  if (wanted > step::preparing) {
    move.prepared(well);
  }
  if (wanted > step::freezing) {
    move.frozen(well);
  }
  if (wanted > step::sending) {
    move.senders_flushed(well);
    move.replica_ready(well);
  }
  if (wanted > step::committing) {
    move.verdict(move_source::word::committed, "");
  }
  if (wanted > step::departing) {
    move.enlivened("");
  }
  return move;
}

struct event {
  std::string name;
  std::function<move_source::orders(move_source&)> happens;
};

const std::vector<event>& events() {
  using word = move_source::word;
  static const std::vector<event> all{
    {"prepared", [](auto& move) { return move.prepared(well); }},
    {"not prepared", [](auto& move) { return move.prepared(badly()); }},
    {"frozen", [](auto& move) { return move.frozen(well); }},
    {"not frozen", [](auto& move) { return move.frozen(badly()); }},
    {"replica ready", [](auto& move) { return move.replica_ready(well); }},
    {"replica refused", [](auto& move) { return move.replica_ready(badly()); }},
    {"senders flushed", [](auto& move) { return move.senders_flushed(well); }},
    {"senders not flushed", [](auto& move) { return move.senders_flushed(badly()); }},
    {"committed", [](auto& move) { return move.verdict(word::committed, ""); }},
    {"refused", [](auto& move) { return move.verdict(word::refused, "no"); }},
    {"verdict late", [](auto& move) { return move.verdict_is_late("the head is away"); }},
    {"enlivened", [](auto& move) { return move.enlivened(""); }},
    {"target down", [](auto& move) { return move.target_is_down("it died"); }},
    {"out of time", [](auto& move) { return move.out_of_time(); }},
  };
  return all;
}

/// What an observer of the orders of one move knows, and what must never be.
struct history {
  std::vector<std::size_t> path;
  bool frozen = false;    ///< the actor stands still at the source
  bool asked = false;     ///< the head may commit
  bool committed = false; ///< the head has
  bool thawed = false;
  bool departed = false;
  int final_answers = 0;
  int undecided = 0;

  std::string so_far() const {
    std::string out;
    for (auto at : path) {
      out += events()[at].name + ", ";
    }
    return out;
  }

  void note(step before, const event& what, const move_source::orders& given) {
    frozen = frozen || (before == step::freezing && what.name == "frozen");
    committed = committed || (before == step::committing && what.name == "committed");
    const bool refused = before == step::committing && what.name == "refused";
    for (const auto& one : given) {
      ASSERT_NE(before, step::ended) << "an order after the end: " << so_far();
      switch (one.what) {
      case kind::thaw:
        ASSERT_TRUE(frozen && !committed && !thawed) << so_far();
        ASSERT_TRUE(!asked || refused) << "only the head's word resumes the source: " << so_far();
        thawed = true;
        break;
      case kind::depart:
        ASSERT_TRUE(committed && !thawed && !departed) << so_far();
        departed = true;
        break;
      case kind::enliven:
        ASSERT_TRUE(departed) << so_far();
        break;
      case kind::commit:
        ASSERT_TRUE(frozen && !thawed && !committed) << so_far();
        asked = true;
        break;
      case kind::drop_replica:
        ASSERT_FALSE(committed) << "the only copy: " << so_far();
        break;
      case kind::tell_moved:
        ASSERT_TRUE(departed) << so_far();
        ++final_answers;
        break;
      case kind::tell_not_moved:
        ASSERT_TRUE(!committed && (thawed || !frozen)) << so_far();
        ++final_answers;
        break;
      case kind::tell_undecided:
        ASSERT_TRUE(asked && !committed) << so_far();
        ++undecided;
        break;
      default:
        break;
      }
    }
    ASSERT_LE(final_answers + undecided, 1) << "told twice: " << so_far();
  }

  void check(step now) const {
    if (now == step::ended) {
      ASSERT_EQ(final_answers + undecided, 1) << "ended without an answer: " << so_far();
      ASSERT_TRUE(!frozen || thawed != departed) << "neither here nor there: " << so_far();
    }
  }
};

void try_all(const move_source& move, const history& before, int left, std::size_t& tried, std::size_t& ended) {
  for (std::size_t i = 0; i < events().size(); ++i) {
    auto next = move;
    auto then = before;
    then.path.push_back(i);
    const auto from = next.at();
    const auto orders = events()[i].happens(next);
    ++tried;
    then.note(from, events()[i], orders);
    then.check(next.at());
    if (testing::Test::HasFatalFailure()) {
      return;
    }
    ended += next.at() == step::ended && from != step::ended ? 1 : 0;
    // Behind the end, once more each event, to see that it changes nothing.
    if (left > 1 && from != step::ended) {
      try_all(next, then, left - 1, tried, ended);
    }
  }
}

} // namespace

TEST(MoveSource, AMoveWithoutTroubleTakesItsSteps) {
  move_source move;
  EXPECT_EQ(kinds_of(move.prepared(well)), kinds{kind::freeze});
  EXPECT_EQ(kinds_of(move.frozen(well)), (kinds{kind::send_state, kind::flush_senders}));
  EXPECT_EQ(kinds_of(move.replica_ready(well)), kinds{});
  EXPECT_EQ(kinds_of(move.senders_flushed(well)), kinds{kind::commit});
  EXPECT_EQ(kinds_of(move.verdict(move_source::word::committed, "")), (kinds{kind::depart, kind::enliven}));
  EXPECT_EQ(kinds_of(move.enlivened("")), kinds{kind::tell_moved});
  EXPECT_EQ(move.at(), step::ended);
}

TEST(MoveSource, TheCommitWaitsForTheReplicaAndForTheMessagesOfTheActor) {
  auto replica_last = at(step::sending);
  EXPECT_EQ(kinds_of(replica_last.senders_flushed(well)), kinds{});
  EXPECT_EQ(kinds_of(replica_last.replica_ready(well)), kinds{kind::commit});
}

TEST(MoveSource, WhatFailsBeforeTheActorStandsStillEndsWithoutAThaw) {
  EXPECT_EQ(kinds_of(at(step::preparing).prepared(badly())), (kinds{kind::drop_replica, kind::tell_not_moved}));
  EXPECT_EQ(kinds_of(at(step::freezing).frozen(badly())), (kinds{kind::drop_replica, kind::tell_not_moved}));
}

TEST(MoveSource, WhatFailsBeforeTheCommitLetsTheActorWorkOn) {
  const kinds back{kind::thaw, kind::drop_replica, kind::tell_not_moved};
  EXPECT_EQ(kinds_of(at(step::sending).replica_ready(badly())), back);
  EXPECT_EQ(kinds_of(at(step::sending).senders_flushed(badly())), back);
  EXPECT_EQ(kinds_of(at(step::sending).target_is_down("it died")), back);
  EXPECT_EQ(kinds_of(at(step::sending).out_of_time()), back);
}

TEST(MoveSource, AFailureWhileTheActorIsBeingStoppedWaitsUntilItStands) {
  auto move = at(step::freezing);
  EXPECT_EQ(kinds_of(move.target_is_down("it died")), kinds{});
  const auto orders = move.frozen(well);
  EXPECT_EQ(kinds_of(orders), (kinds{kind::thaw, kind::drop_replica, kind::tell_not_moved}));
  EXPECT_EQ(orders.back().reason, "it died");
}

TEST(MoveSource, AfterTheHeadWasAskedOnlyItsWordDecides) {
  auto move = at(step::committing);
  EXPECT_EQ(kinds_of(move.target_is_down("it died")), kinds{});
  EXPECT_EQ(kinds_of(move.out_of_time()), kinds{kind::tell_undecided});
  EXPECT_EQ(kinds_of(move.verdict_is_late("the head is away")), kinds{kind::commit});
  EXPECT_EQ(kinds_of(move.verdict(move_source::word::refused, "no")), (kinds{kind::thaw, kind::drop_replica}));
}

TEST(MoveSource, ATargetThatDiesAfterTheCommitIsToldWithTheAnswer) {
  auto move = at(step::departing);
  const auto orders = move.target_is_down("it died");
  ASSERT_EQ(kinds_of(orders), kinds{kind::tell_moved});
  EXPECT_EQ(orders[0].reason, "it died");
}

TEST(MoveSource, LateAndDoubledEventsChangeNothing) {
  for (const auto& one : events()) {
    auto move = at(step::ended);
    EXPECT_EQ(kinds_of(one.happens(move)), kinds{}) << one.name;
    EXPECT_EQ(move.at(), step::ended) << one.name;
  }
  auto move = at(step::sending);
  EXPECT_EQ(kinds_of(move.prepared(badly())), kinds{});
  EXPECT_EQ(kinds_of(move.frozen(well)), kinds{});
  EXPECT_EQ(kinds_of(move.verdict(move_source::word::committed, "")), kinds{});
}

TEST(MoveSource, EverySequenceOfSevenEventsKeepsOneCopyAndTellsTheAskerOnce) {
  std::size_t tried = 0;
  std::size_t ended = 0;
  try_all({}, {}, 7, tried, ended);
  EXPECT_GE(tried, 100'000u);
  EXPECT_GE(ended, 10'000u);
}
