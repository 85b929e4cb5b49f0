// An explorer that finds nothing could be blind: each rule of the protocol is broken on purpose, and it has to see that.
#include "tests/unit/move/model/explorer.hpp"

#include <gtest/gtest.h>

#include <iostream>

using namespace troupe::move_model;

namespace {

constexpr id d = 3;

scenario busy() {
  return {.nodes = 3, .homes = {a, a, c, b}, .ticks = {0, 2, 2, 2}, .plans = {{0, {b, a, c}}, {3, {c}}}, .refusals = true};
}

void expect_found(const scenario& what, const std::string& problem) {
  const auto found = walk(what, 1, 200'000, std::chrono::seconds{60});
  std::cout << found.problem << ", after " << found.ends + 1 << " walks and " << found.trace.size() << " steps\n";
  EXPECT_NE(found.problem.find(problem), std::string::npos) << found.to_text();
  EXPECT_FALSE(found.trace.empty());
}

} // namespace

TEST(PlantedError, NotToWaitForTheMarkerLetsMessagesOvertake) {
  auto what = busy();
  what.skip_marker_wait = true;
  expect_found(what, "has overtaken");
}

TEST(PlantedError, ToTakeANameBackWhilePassingOnLetsMessagesOvertake) {
  auto what = busy();
  what.always_may_take = true;
  expect_found(what, "has overtaken");
}

TEST(PlantedError, ToChangeTheNextHopLetsMessagesOvertake) {
  // What the sender on the fourth node sends goes over a, which learns of c by what its own actor sends.
  const scenario what{.nodes = 4, .homes = {a, a, d}, .ticks = {0, 3, 3}, .warm = 1, .plans = {{0, {b, c}}}, .hop_changes = true};
  expect_found(what, "has overtaken");
}

TEST(PlantedError, AMovingSenderThatDoesNotWaitForItsMessagesOvertakesThem) {
  auto what = busy();
  what.skip_sender_marks = true;
  expect_found(what, "has overtaken");
}

TEST(PlantedError, AFrozenActorThatAnswersMarkersLetsMessagesOvertake) {
  const scenario what{.nodes = 3, .homes = {a, b}, .ticks = {0, 2}, .plans = {{0, {b, a, c}}}, .frozen_answers = true};
  const auto found = explore(what, {.shortest = true});
  std::cout << found.problem << ", after " << found.states << " states and " << found.trace.size() << " steps\n";
  EXPECT_NE(found.problem.find("has overtaken"), std::string::npos) << found.to_text();
}

TEST(PlantedError, ASourceThatForgetsWhatCameLaterLosesIt) {
  auto what = busy();
  what.lose_rest = true;
  expect_found(what, "is lost");
}

TEST(PlantedError, AReplicaThatLivesBeforeTheCommitIsSeen) {
  auto what = busy();
  what.enliven_early = true;
  expect_found(what, "");
}

TEST(PlantedError, AReplicaThatNobodyDropsIsSeen) {
  auto what = busy();
  what.no_drop = true;
  expect_found(what, "a replica is left");
}

/// A hole that is open: the source gives up and dies, and the head, not knowing it yet, promotes a replica that has been
/// dropped. The name is then at a node that has no such actor. With `release_absent` that node says so to the head.
TEST(PlantedError, APromotedReplicaThatIsGoneLeavesTheNameToNobody) {
  scenario what{.nodes = 3, .homes = {a, a, c}, .ticks = {0, 2, 2}, .plans = {{0, {b, c}}}, .deaths = 1, .mortal = 1,
                .refusals = true, .impatience = 1};
  expect_found(what, "but it is not");
}
