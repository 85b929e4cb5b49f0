#include "runtime/node/route_table.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

using way = route_table::way;
using words = std::vector<std::string>;

held_message held_number(std::uint64_t number, std::string from = {}) {
  message_fields fields;
  fields.command = "tick";
  fields.number = number;
  return {std::make_shared<const message>(std::move(fields)), lane::ordinary, std::move(from)};
}

/// The table of the node "self" with one name in it; what it sends and brings home is written down.
class RouteTable : public testing::Test {
protected:
  route_table routes{"self"};
  route_work work; ///< of the last call
  words sent;
  words brought;
  bool is_here = false;

  route_table::sender send() {
    return [this](const std::string& node, held_message& held) {
      sent.push_back(node + ":" + std::to_string(held.what->number()));
      return result<>{};
    };
  }
  route_table::home home() {
    return [this](held_message& held) {
      if (is_here) {
        brought.push_back(std::to_string(held.what->number()));
      }
      return is_here;
    };
  }
  way own(std::uint64_t number) {
    work = {};
    result<> how;
    return routes.pass_own("greeter", held_number(number), [this] { return is_here; }, send(), how, work);
  }
  way other(std::uint64_t number, const std::string& from = "peer") {
    work = {};
    result<> how;
    return routes.pass_on("greeter", held_number(number, from), home(), send(), how, work);
  }
  void resolve(const std::string& node, std::uint64_t since = 1) {
    work = {};
    routes.resolved("greeter", node, epoch{1, since}, send(), home(), work);
  }
  void tell(const std::string& node, std::uint64_t since, const std::string& teller = "n1") {
    work = {};
    routes.told("greeter", node, epoch{1, since}, teller, work);
  }
  void marker_back(std::uint64_t serial, const std::string& owner, std::uint64_t since) {
    work = {};
    routes.flushed("greeter", serial, !owner.empty(), owner, epoch{1, since}, send(), home(), work);
  }
  bool may_take() {
    bool claimed = false;
    routes.may_take("greeter", [&] { claimed = true; }, [this] { ++freed; });
    return claimed;
  }
  void leave_for(const std::string& node, std::uint64_t since) {
    work = {};
    routes.begin_leave("greeter");
    routes.end_leave("greeter", node, epoch{1, since}, send(), work);
  }
  int freed = 0;
};

} // namespace

TEST_F(RouteTable, TheFirstMessageAsksAndTheOthersWait) {
  EXPECT_EQ(own(1), way::held);
  EXPECT_TRUE(work.look_up);
  EXPECT_EQ(own(2), way::held);
  EXPECT_FALSE(work.look_up);
  EXPECT_EQ(sent, words{});
}

TEST_F(RouteTable, HeldMessagesGoInOrderAndBeforeLaterOnes) {
  own(1);
  own(2);
  resolve("n1");
  EXPECT_EQ(own(3), way::sent);
  EXPECT_EQ(sent, (words{"n1:1", "n1:2", "n1:3"}));
}

TEST_F(RouteTable, ANameThatIsAbsentGivesTheMessagesBackAndIsNotRemembered) {
  own(1);
  resolve("");
  ASSERT_EQ(work.homeless.size(), 1u);
  EXPECT_EQ(routes.size(), 0u);
  own(2);
  EXPECT_TRUE(work.look_up);
}

TEST_F(RouteTable, AnAnswerNobodyWaitsForChangesNothing) {
  resolve("n1");
  EXPECT_EQ(routes.size(), 0u);
}

TEST_F(RouteTable, AnActorOfThisNodeIsNotSentOver) {
  is_here = true;
  EXPECT_EQ(own(1), way::here);
  EXPECT_EQ(routes.size(), 0u);
}

TEST_F(RouteTable, ForgetsARouteOnlyIfItLeadsToThatNode) {
  own(1);
  resolve("n1");
  routes.forget("greeter", "n2");
  EXPECT_EQ(own(2), way::sent);
  routes.forget("greeter", "n1");
  EXPECT_EQ(own(3), way::held);
}

TEST_F(RouteTable, ANewWayIsUsedOnlyWhenTheMarkerOfTheOldOneIsBack) {
  own(1);
  resolve("n1", 1);
  tell("n2", 2);
  ASSERT_EQ(work.markers.size(), 1u);
  EXPECT_EQ(work.markers[0].node, "n1");
  const auto serial = work.markers[0].serial;
  EXPECT_EQ(own(2), way::held);
  marker_back(serial + 100, "n2", 2);
  EXPECT_EQ(own(3), way::held) << "that was the answer to another marker";
  marker_back(serial, "n3", 3);
  EXPECT_EQ(own(4), way::sent);
  EXPECT_EQ(sent, (words{"n1:1", "n3:2", "n3:3", "n3:4"})) << "the owner that answered counts, not what was told";
}

TEST_F(RouteTable, OldNewsChangeNothing) {
  own(1);
  resolve("n2", 5);
  tell("n1", 4);
  EXPECT_TRUE(work.markers.empty());
  EXPECT_EQ(own(2), way::sent);
}

TEST_F(RouteTable, ALostMarkerMakesTheDirectoryTheJudge) {
  own(1);
  resolve("n1", 1);
  tell("n2", 2);
  own(2);
  marker_back(work.markers.empty() ? 1 : work.markers[0].serial, "", 0);
  EXPECT_TRUE(work.look_up);
  resolve("n3", 3);
  EXPECT_EQ(sent, (words{"n1:1", "n3:2"}));
}

TEST_F(RouteTable, WhatOthersSendIsPassedOnAndTheyAreToldOnce) {
  leave_for("n1", 2);
  EXPECT_EQ(other(1), way::sent);
  EXPECT_EQ(work.tell, "peer");
  EXPECT_EQ(work.place, "n1");
  EXPECT_EQ(other(2), way::sent);
  EXPECT_EQ(work.tell, "");
  EXPECT_EQ(sent, (words{"n1:1", "n1:2"}));
}

TEST_F(RouteTable, ThePasserOnKeepsItsNextHopWhateverItLearns) {
  leave_for("n1", 2);
  own(1);
  tell("n2", 3);
  ASSERT_EQ(work.markers.size(), 1u) << "its own messages change their way";
  other(2);
  EXPECT_EQ(sent, (words{"n1:1", "n1:2"})) << "those of others do not";
}

TEST_F(RouteTable, ANameIsNotTakenBackBeforeAllThatWasPassedOnHasArrived) {
  leave_for("n1", 2);
  ASSERT_EQ(work.markers.size(), 1u);
  const auto first = work.markers[0].serial;
  EXPECT_FALSE(may_take());
  other(1);
  marker_back(first, "n1", 2);
  ASSERT_EQ(work.markers.size(), 1u) << "something was passed on behind the marker";
  EXPECT_TRUE(work.freed.empty());
  EXPECT_FALSE(may_take());
  marker_back(work.markers[0].serial, "n1", 2);
  EXPECT_EQ(work.freed.size(), 2u);
  EXPECT_TRUE(may_take());
}

TEST_F(RouteTable, AnArrivingNameHoldsBackOwnMessagesUntilEarlierOnesAreThere) {
  own(1);
  resolve("n1", 1);
  bool guarded = false;
  work = {};
  routes.arrive("greeter", [&](bool guard) {
    guarded = guard;
    return true;
  }, work);
  EXPECT_TRUE(guarded);
  ASSERT_EQ(work.markers.size(), 1u);
  EXPECT_EQ(work.markers[0].node, "n1");
  const auto serial = work.markers[0].serial;
  bool released = false;
  routes.released = [&](const std::string&) { released = true; };
  own(2);
  is_here = true;
  marker_back(serial, "self", 2);
  EXPECT_TRUE(released);
  EXPECT_EQ(brought, words{"2"});
  EXPECT_EQ(own(3), way::here);
  EXPECT_EQ(routes.size(), 0u);
}

TEST_F(RouteTable, AMarkerThatComesHomeAfterTheActorHasLeftLeadsTheMessagesAfterIt) {
  own(1);
  resolve("n1", 1);
  work = {};
  routes.arrive("greeter", [](bool) { return true; }, work);
  const auto serial = work.markers.at(0).serial;
  own(2);
  leave_for("n2", 3);
  marker_back(serial, "self", 2);
  EXPECT_EQ(sent, (words{"n1:1", "n2:2"}));
}

TEST_F(RouteTable, WhatComesWhileTheNameLeavesFollowsTheMailbox) {
  routes.begin_leave("greeter");
  EXPECT_EQ(own(1), way::held);
  EXPECT_EQ(other(2), way::held);
  work = {};
  routes.end_leave("greeter", "n1", epoch{1, 2}, send(), work);
  EXPECT_EQ(sent, (words{"n1:2", "n1:1"}));
}

TEST_F(RouteTable, ADeadNextHopEndsThePassingOn) {
  leave_for("n1", 2);
  EXPECT_FALSE(may_take());
  EXPECT_EQ(routes.forget_node("n1").size(), 1u);
  EXPECT_TRUE(may_take());
  EXPECT_EQ(other(1), way::held) << "the directory says who has the name now";
  EXPECT_TRUE(work.look_up);
}

TEST_F(RouteTable, AfterABrokenLinkTheNextMessagesFollowAMarkerByTheSameWay) {
  own(1);
  resolve("n1");
  routes.doubt_node("n1");
  EXPECT_EQ(own(2), way::held) << "what was sent before may wait at n1, and the actor be at n2 by now";
  ASSERT_EQ(work.markers.size(), 1u);
  EXPECT_EQ(work.markers[0].node, "n1");
  EXPECT_FALSE(work.look_up);
  marker_back(work.markers[0].serial, "n2", 2);
  EXPECT_EQ(sent, (words{"n1:1", "n2:2"}));
}

TEST_F(RouteTable, AMarkerWhoseLinkBrokeIsSentAgainUntilTheNodeIsGone) {
  own(1);
  resolve("n1");
  tell("n2", 2);
  ASSERT_EQ(work.markers.size(), 1u);
  auto serial = work.markers[0].serial;
  EXPECT_EQ(own(2), way::held);
  for (int i = 0; i < 3; ++i) {
    work = {};
    EXPECT_TRUE(routes.marker_broke("greeter", serial, send(), home(), work));
    EXPECT_FALSE(work.look_up);
    routes.mark_again("greeter", serial, work);
    ASSERT_EQ(work.markers.size(), 1u);
    EXPECT_EQ(work.markers[0].node, "n1");
    serial = work.markers[0].serial;
  }
  routes.forget_node("n1");
  work = {};
  EXPECT_FALSE(routes.marker_broke("greeter", serial, send(), home(), work));
  EXPECT_TRUE(work.look_up) << "the directory says who has the name now";
  EXPECT_EQ(sent, words{"n1:1"});
}

TEST_F(RouteTable, ANodeThatIsGoneWhileAMarkerWaitsToBeSentAgainEndsTheWaiting) {
  own(1);
  resolve("n1");
  tell("n2", 2);
  ASSERT_EQ(work.markers.size(), 1u);
  const auto serial = work.markers[0].serial;
  work = {};
  ASSERT_TRUE(routes.marker_broke("greeter", serial, send(), home(), work));
  routes.forget_node("n1");
  routes.mark_again("greeter", serial, work);
  EXPECT_TRUE(work.markers.empty());
  EXPECT_TRUE(work.look_up);
}
