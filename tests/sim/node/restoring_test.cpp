// Actors that are made again from their checkpoints, and what happens meanwhile to messages for them.
#include "tests/sim/node/probe.hpp"

using namespace troupe;

namespace {

class Restoring : public testing::Test {
protected:
  Restoring() {
    // As the head sees it after the process of node 1 died: the names are there, and nobody answers to them.
    EXPECT_TRUE(books().actors.reserve({"a", "b"}, home, actor_kind{json{{"requires_dist", "test"}, {"class", "Probe"}}}));
    books().unsettled.unsettle(home, "it died");
  }

  head_books& books() { return world.books(); }

  /// An ask from node 2 that has not been answered yet.
  std::shared_ptr<message_ptr> ask_later(const std::string& name, const std::string& command, json body = nullptr) {
    auto answer = std::make_shared<message_ptr>();
    world.node(2).ask(request{address{name}, command, std::move(body), seconds{20}, {}, {}},
                      [answer](message_ptr what) { *answer = std::move(what); });
    return answer;
  }

  json restore(std::vector<restoration> what) {
    std::optional<json> told;
    world.node(1).restore_actors(std::move(what), [&told](json failed) { told = std::move(failed); });
    EXPECT_TRUE(world.until([&] { return told.has_value(); }));
    return told.value_or(json("never told"));
  }

  restoration of(const std::string& name, json checkpoint = nullptr) {
    return {name, loaded_class{probes, "test", "1.0"}, class_desc{"test", "Probe"}, supervision_spec{}, nullptr, std::move(checkpoint), 1};
  }

  /// Lets everything happen that happens by itself.
  void rest() {
    world.until([] { return false; }, seconds{0.05});
  }

  std::shared_ptr<probe_world> seen = std::make_shared<probe_world>();
  std::shared_ptr<const class_info> probes = make_probe_class(seen);
  sim_world world;
  const std::string home = world.name(1);
};

} // namespace

TEST_F(Restoring, AMessageWaitsForAnActorThatComesBackWithItsParameters) {
  auto word = ask_later("a", "get_params");
  auto plain = ask_later("b", "echo", 7);
  rest();
  EXPECT_FALSE(*word) << (*word)->command();
  EXPECT_EQ(restore({of("a", json{{"params", {{"word", "kept"}}}, {"state", nullptr}}), of("b")}), json::array());
  rest();
  EXPECT_FALSE(*word) << "the directory has not heard that they are there";
  books().unsettled.settle(home);
  ASSERT_TRUE(world.until([&] { return *word && *plain; }));
  EXPECT_EQ((*word)->command(), "params");
  EXPECT_NE((*word)->body().dump().find("kept"), std::string::npos) << (*word)->body();
  EXPECT_EQ((*plain)->command(), "echoed");
}

TEST_F(Restoring, WithoutHopeMessagesFailAtOnceWithTheReason) {
  auto waiting = ask_later("a", "echo");
  rest();
  books().unsettled.give_up(home, "it is in quarantine");
  ASSERT_TRUE(world.until([&] { return *waiting != nullptr; }));
  EXPECT_EQ((*waiting)->command(), "actor_has_failed");
  EXPECT_NE((*waiting)->body().dump().find("it is in quarantine"), std::string::npos) << (*waiting)->body();
  EXPECT_EQ(world.ask(2, "b", "echo")->command(), "actor_has_failed");
  EXPECT_EQ(world.ask(2, "nobody", "echo")->command(), "actor_is_not_found");
}

TEST_F(Restoring, EachIsMadeForItself) {
  ASSERT_TRUE(books().actors.reserve({"taken"}, home, actor_kind{}));
  books().unsettled.settle(home);
  const auto first = restore({of("taken")});
  EXPECT_EQ(first, json::array());
  const auto failed = restore({of("a", json{{"params", {{"word", 17}}}}), of("taken"), of("b", json{{"params", {{"gone", 1}}}})});
  ASSERT_EQ(failed.size(), 2u) << failed;
  std::map<std::string, std::string> why;
  for (const auto& one : failed) {
    why[one.at("name")] = one.at("reason");
  }
  EXPECT_NE(why["a"].find("word"), std::string::npos) << why["a"];
  EXPECT_NE(why["taken"].find("in use"), std::string::npos) << why["taken"];
  EXPECT_EQ(world.ask(2, "b", "echo")->command(), "echoed") << "a parameter that the class no longer has is left out";
}

TEST_F(Restoring, WhatCannotBeMadeLeavesNothing) {
  seen->births_left = 0;
  const auto failed = restore({of("a"), of("b")});
  EXPECT_EQ(failed.size(), 2u) << failed;
  EXPECT_TRUE(world.node(1).actor_names().empty());
}

TEST_F(Restoring, CheckpointsOfLivingActorsAreKept) {
  books().unsettled.settle(home);
  ASSERT_TRUE(world.create(2, {"c"}, probes));
  const address directory{world.name(0), std::string{directory_entity}};
  const auto since = books().actors.names().find("c")->since;
  auto kept = world.ask(2, directory, "keep_checkpoint",
                        json{{"name", "c"}, {"epoch", since.to_json()}, {"checkpoint", {{"state", "x"}}}});
  EXPECT_EQ(kept->command(), "checkpoint_is_kept");
  EXPECT_EQ(books().actors.checkpoint_of("c"), (json{{"state", "x"}}));
  ASSERT_NE(world.store().find("c"), nullptr);
  EXPECT_FALSE(world.store().find("c")->checkpoint.empty());
  EXPECT_EQ(world.remove(2, "c"), removal::removed);
  EXPECT_EQ(world.store().find("c"), nullptr);
  kept = world.ask(2, directory, "keep_checkpoint", json{{"name", "c"}, {"epoch", since.to_json()}, {"checkpoint", 1}});
  EXPECT_EQ(kept->command(), "checkpoint_is_not_kept");
  EXPECT_EQ(world.ask(2, directory, "keep_checkpoint", json{{"name", "c"}})->command(), "bad_request");
}
