// Death notices, asked for at the supervisor in the daemon.
#include "tests/sim/node/probe.hpp"

#include <algorithm>

using namespace troupe;

namespace {

/// Notes every notice.
class mourner final : public actor {
public:
  explicit mourner(std::shared_ptr<probe_world> world) : world_(std::move(world)) {}
  static void describe(class_builder<mourner>& table) {
    table.on("watch_for_me", &mourner::watch_for_me)
      .on("actor_is_down", &mourner::note)
      .on("node_is_down", &mourner::note)
      .on("watching", &mourner::watching)
      .on("echo", &mourner::echo);
  }

private:
  reply echo() { return "echoed"; }
  void note(const message& what) { world_->note(ctx().name() + " " + what.command() + " " + what.body().dump()); }
  void watching() { world_->note(ctx().name() + " watches"); }
  void watch_for_me(const message& what) {
    request order{address{"first.main.daemon", std::string{supervisor_entity}}, "watch",
                  json{{"entity", what.body()}}, {}, ctx().self(), {}};
    (void)ctx().send(std::move(order));
  }

  std::shared_ptr<probe_world> world_;
};

class Watch : public testing::Test {
protected:
  std::shared_ptr<probe_world> seen = std::make_shared<probe_world>();
  std::shared_ptr<const class_info> mourners = std::make_shared<const class_info>(
    describe_class<mourner>("Mourner", [seen = seen] { return std::make_unique<mourner>(seen); }));
  sim_world world{4};
  const address supervisor{"first.main.daemon", std::string{supervisor_entity}};

  void SetUp() override {
    ASSERT_TRUE(world.create(1, {"w"}, mourners));
    ASSERT_TRUE(world.create(2, {"a", "b"}, mourners));
  }
  message_ptr ask(const std::string& command, const std::string& entity, json watcher = "w") {
    json body{{"entity", entity}};
    if (!watcher.is_null()) {
      body["watcher"] = std::move(watcher);
    }
    return world.ask(3, supervisor, command, std::move(body));
  }
  bool noted(const std::string& what, std::ptrdiff_t times = 1) {
    return world.until([&] { return count(what) == times; });
  }
  std::ptrdiff_t count(const std::string& what) {
    auto all = seen->noted();
    return std::ranges::count_if(all, [&](const std::string& one) { return one.find(what) != std::string::npos; });
  }
};

} // namespace

TEST_F(Watch, TheRemovalOfAnActorIsToldOnceToWhoWatchesIt) {
  EXPECT_EQ(ask("watch", "a")->command(), "watching");
  EXPECT_EQ(ask("watch", "a")->body(), (json{{"entity", "a"}}));
  EXPECT_EQ(world.remove(2, "b"), removal::removed);
  EXPECT_EQ(world.remove(2, "a"), removal::removed);
  EXPECT_TRUE(noted(R"(w actor_is_down {"entity":"a","node":"first.process_0.admin","reason":"it was removed","will_restart":false})"));
  ASSERT_TRUE(world.create(2, {"a"}, mourners));
  EXPECT_EQ(world.remove(2, "a"), removal::removed);
  EXPECT_EQ(ask("watch", "a")->command(), "actor_is_not_found");
  EXPECT_EQ(count("actor_is_down"), 1) << "another actor of this name is not watched";
}

TEST_F(Watch, AnActorWatchesByASendInItsOwnName) {
  ASSERT_TRUE(world.node(1).send(request{"w", "watch_for_me", "a", {}, {}, {}}));
  ASSERT_TRUE(noted("w watches"));
  EXPECT_EQ(world.remove(2, "a"), removal::removed);
  EXPECT_TRUE(noted("w actor_is_down"));
}

TEST_F(Watch, AWatcherHasAnAddressThatLasts) {
  EXPECT_EQ(ask("watch", "a", nullptr)->body()["field"], "watcher");
  EXPECT_EQ(ask("watch", "a", 5)->body()["field"], "watcher");
  EXPECT_EQ(ask("watch", "a", "_5")->body()["field"], "watcher");
  EXPECT_EQ(ask("watch", "")->body()["field"], "entity");
  EXPECT_EQ(ask("watch", "nobody")->command(), "actor_is_not_found");
}

TEST_F(Watch, UnwatchEndsIt) {
  ASSERT_EQ(ask("watch", "a", json{{"system", "king"}, {"node", "first.main.admin"}, {"entity", "w"}})->command(), "watching");
  EXPECT_EQ(ask("unwatch", "a")->body(), (json{{"entity", "a"}, {"was_watched", true}})) << "every form of an address is the same";
  EXPECT_EQ(ask("unwatch", "a")->body()["was_watched"], false);
  EXPECT_EQ(world.remove(2, "a"), removal::removed);
  EXPECT_EQ(ask("watch", "b")->command(), "watching");
  EXPECT_EQ(count("actor_is_down"), 0);
}

TEST_F(Watch, TheDeathOfAProcessIsToldForItsActors) {
  ASSERT_EQ(ask("watch", "a")->command(), "watching");
  ASSERT_TRUE(world.create(3, {"far"}, mourners));
  ASSERT_EQ(ask("watch", "far")->command(), "watching");
  world.kill(2);
  EXPECT_TRUE(noted(R"("reason":"lost with its process: it was killed","will_restart":false)"));
  EXPECT_EQ(count("actor_is_down"), 1) << "only of its own";
}

TEST_F(Watch, WhoStopsAfterAFailureIsDownWithTheReason) {
  supervision_spec how;
  how.on_failure = failure_action::stop;
  ASSERT_TRUE(world.create(2, {"weak"}, make_probe_class(seen), how));
  ASSERT_EQ(ask("watch", "weak")->command(), "watching");
  ASSERT_EQ(world.ask(3, "weak", "throw", "too much")->command(), "actor_has_failed");
  EXPECT_TRUE(noted(R"("reason":"it failed in throw: too much")"));
}

TEST_F(Watch, AQuarantineIsToldAndTheWatchStays) {
  supervision_spec how;
  how.on_failure = failure_action::restart;
  how.limits.max_restarts = 0;
  ASSERT_TRUE(world.create(2, {"weak"}, make_probe_class(seen), how));
  ASSERT_EQ(ask("watch", "weak")->command(), "watching");
  ASSERT_EQ(world.ask(3, "weak", "throw", "too much")->command(), "actor_has_failed");
  EXPECT_TRUE(noted(R"("reason":"it is in quarantine: throw: too much","will_restart":false)"));
  EXPECT_EQ(world.remove(2, "weak"), removal::removed);
  EXPECT_TRUE(noted(R"("reason":"it was removed")"));
}

TEST_F(Watch, AWatcherThatIsGoneIsForgotten) {
  ASSERT_TRUE(world.create(3, {"v"}, mourners));
  ASSERT_EQ(ask("watch", "a", "v")->command(), "watching");
  ASSERT_EQ(ask("watch", "b", "v")->command(), "watching");
  EXPECT_EQ(world.remove(3, "v"), removal::removed);
  EXPECT_EQ(ask("unwatch", "a", "v")->body()["was_watched"], false);
  ASSERT_TRUE(world.create(3, {"v"}, mourners));
  ASSERT_EQ(ask("watch", "a", "v")->command(), "watching");
  world.kill(3);
  EXPECT_TRUE(world.until([&] {
    json body{{"entity", "a"}, {"watcher", "v"}};
    return world.ask(1, supervisor, "unwatch", body)->body()["was_watched"] == false;
  }));
}
