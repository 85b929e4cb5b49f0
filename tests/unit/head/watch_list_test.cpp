#include "actors/head/watch_list.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

std::vector<std::string> told(const std::vector<watch_list::notice>& notices) {
  std::vector<std::string> all;
  for (const auto& one : notices) {
    all.push_back(one.watcher.to_string() + " " + one.command + " " + one.body.dump());
  }
  return all;
}

using words = std::vector<std::string>;

} // namespace

TEST(WatchList, EveryWatcherIsToldOnceAndThenTheWatchHasEnded) {
  watch_list watches;
  watches.add("a", "first");
  watches.add("a", "second");
  watches.add("a", "first");
  watches.add("b", "first");
  EXPECT_EQ(told(watches.actor_is_down("a", "it was removed", "n", false, false)),
            (words{R"(first actor_is_down {"entity":"a","node":"n","reason":"it was removed","will_restart":false})",
                   R"(second actor_is_down {"entity":"a","node":"n","reason":"it was removed","will_restart":false})"}));
  EXPECT_EQ(watches.actor_is_down("a", "it was removed", "n", false, false).size(), 0u);
  EXPECT_EQ(watches.watched(), words{"b"});
}

TEST(WatchList, AWatchStaysWhileTheWatchedComesBack) {
  watch_list watches;
  watches.add("a", "w");
  watches.add("n", "w");
  EXPECT_EQ(watches.actor_is_down("a", "lost", "n", true, true).size(), 1u);
  EXPECT_EQ(watches.actor_is_down("a", "lost", "n", true, true).size(), 1u);
  EXPECT_EQ(told(watches.node_is_down("n", "killed", true, true)),
            words{R"(w node_is_down {"node":"n","reason":"killed","will_restart":true})"});
  EXPECT_EQ(watches.node_is_down("n", "killed", false, false).size(), 1u);
  EXPECT_EQ(watches.node_is_down("n", "killed", false, false).size(), 0u) << "gone for good";
}

TEST(WatchList, UnwatchTakesOneWatcherBackAndSaysWhetherItWas) {
  watch_list watches;
  watches.add("a", "first");
  watches.add("a", "second");
  EXPECT_TRUE(watches.remove("a", "first"));
  EXPECT_FALSE(watches.remove("a", "first"));
  EXPECT_FALSE(watches.remove("nobody", "first"));
  EXPECT_EQ(watches.actor_is_down("a", "", "n", false, true).size(), 1u);
  EXPECT_TRUE(watches.remove("a", "second"));
  EXPECT_TRUE(watches.is_empty());
}

TEST(WatchList, AWatcherThatIsGoneIsNotToldAnyMore) {
  watch_list watches;
  watches.add("a", "gone");
  watches.add("a", "here");
  watches.add("b", "gone");
  watches.forget_watchers([](const address& watcher) { return watcher.entity == "gone"; });
  EXPECT_EQ(watches.watched(), words{"a"});
  EXPECT_EQ(watches.actor_is_down("a", "", "n", false, false).size(), 1u);
}
