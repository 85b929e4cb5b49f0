// What handlers do, and what is answered for them.
#include "tests/sim/node/probe.hpp"

using namespace troupe;

namespace {

class Handler : public testing::Test {
protected:
  std::shared_ptr<probe_world> seen = std::make_shared<probe_world>();
  std::shared_ptr<const class_info> probes = make_probe_class(seen);
  sim_world world;

  void SetUp() override {
    ASSERT_TRUE(world.create(1, {"a"}, probes));
    ASSERT_TRUE(world.create(2, {"b"}, probes));
  }
};

/// A question that makes `to` ask on.
json ask_on(const std::string& to, const std::string& command, json body = nullptr) {
  json out = json::object();
  out["to"] = to;
  out["command"] = command;
  out["body"] = std::move(body);
  return out;
}

} // namespace

TEST_F(Handler, ThatThrowsIsAnsweredWithItsTextAndTheActorGoesOn) {
  for (std::size_t from : {1u, 2u}) {
    auto answer = world.ask(from, "a", "throw", "no such sheet");
    EXPECT_EQ(answer->command(), "actor_has_failed");
    EXPECT_EQ(answer->body()["reason"], "no such sheet");
    EXPECT_EQ(world.ask(from, "a", "echo")->command(), "echoed");
  }
}

TEST_F(Handler, ThatThrowsAfterItWaitedIsAnsweredToo) {
  auto answer = world.ask(2, "a", "throw_later");
  EXPECT_EQ(answer->command(), "actor_has_failed");
  EXPECT_EQ(answer->body()["reason"], "later");
  EXPECT_EQ(world.ask(2, "a", "echo")->command(), "echoed");
}

TEST_F(Handler, ThatThrowsWhatIsNoTextOrNoExceptionEndsNothing) {
  EXPECT_EQ(world.ask(1, "a", "throw", std::string("\xff\xfe"))->command(), "actor_has_failed");
  EXPECT_EQ(world.ask(1, "a", "throw_number")->command(), "actor_has_failed");
  EXPECT_EQ(world.ask(1, "a", "echo")->command(), "echoed");
}

TEST_F(Handler, AnUnknownCommandIsSaidToBeNotHandled) {
  auto answer = world.ask(2, "a", "dance");
  EXPECT_EQ(answer->command(), "is_not_handled");
  EXPECT_TRUE(answer->body()["mid"].is_string());
}

TEST_F(Handler, ThatWaitsTakesNoOtherMessageAndThenTakesThemInOrder) {
  ASSERT_TRUE(world.node(1).send(request{"a", "sleep", 0.02, {}, {}, {}}));
  ASSERT_TRUE(world.node(1).send(request{"a", "note", 1, {}, {}, {}}));
  ASSERT_TRUE(world.node(1).send(request{"a", "note", 2, {}, {}, {}}));
  ASSERT_TRUE(world.until([&] { return seen->noted().size() == 3; }));
  EXPECT_EQ(seen->noted(), (std::vector<std::string>{"a sleeps", "a note 1", "a note 2"}));
}

TEST_F(Handler, ACycleOfWaitingActorsFailsAtOnceWithItsNames) {
  const auto begun = std::chrono::steady_clock::now();
  auto answer = world.ask(1, "a", "ask", ask_on("b", "ask", ask_on("a", "echo")), seconds{3600});
  ASSERT_EQ(answer->command(), "passed");
  const auto inner = answer->body()["body"];
  ASSERT_EQ(inner["command"], "actor_has_failed") << answer->body();
  const auto reason = inner["body"]["reason"].get<std::string>();
  EXPECT_NE(reason.find("cycle"), std::string::npos) << reason;
  EXPECT_NE(reason.find("a → b"), std::string::npos) << reason;
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{10});
}

TEST_F(Handler, AnActorThatAsksItselfAndWaitsHearsOfTheCycle) {
  auto answer = world.ask(1, "a", "ask", ask_on("a", "echo"), seconds{3600});
  EXPECT_EQ(answer->body()["command"], "actor_has_failed") << answer->body();
}

TEST_F(Handler, TwoActorsThatAskEachOtherAtOnceDoNotWaitForTheirTimeOuts) {
  const auto begun = std::chrono::steady_clock::now();
  std::atomic<int> answered{0};
  for (auto [who, other] : {std::pair{"a", "b"}, std::pair{"b", "a"}}) {
    world.node(1).ask(request{who, "ask", ask_on(other, "echo"), seconds{3600}, {}, {}},
                      [&](const message_ptr&) { ++answered; });
  }
  EXPECT_TRUE(world.until([&] { return answered == 2; }));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{10});
}

TEST_F(Handler, AChainWithoutACycleIsNoCycle) {
  ASSERT_TRUE(world.create(0, {"c"}, probes));
  auto answer = world.ask(1, "a", "ask", ask_on("b", "ask", ask_on("c", "echo", "end")));
  EXPECT_EQ(answer->body()["body"]["body"], "end") << answer->body();
  EXPECT_EQ(world.ask(1, "a", "ask", ask_on("b", "echo", 1))->body()["body"], 1);
  EXPECT_EQ(world.ask(1, "b", "ask", ask_on("a", "echo", 2))->body()["body"], 2);
}

TEST_F(Handler, ASubscriberIsNotifiedOfEachHandledCommandUntilItUnsubscribes) {
  const json what{{"command", "note"}, {"subscriber", "b"}};
  EXPECT_EQ(world.ask(2, "a", "subscribe", what)->command(), "subscribed");
  EXPECT_EQ(world.ask(2, "a", "subscribe", what)->command(), "subscribed");
  EXPECT_EQ(world.ask(2, "a", "note", 1)->command(), "done");
  ASSERT_TRUE(world.until([&] { return seen->noted().size() == 2; }));
  EXPECT_EQ(seen->noted(), (std::vector<std::string>{"a note 1", "notified of note"}));
  EXPECT_EQ(world.ask(2, "a", "unsubscribe", what)->body()["was_subscribed"], true);
  EXPECT_EQ(world.ask(2, "a", "unsubscribe", what)->body()["was_subscribed"], false);
  EXPECT_EQ(world.ask(2, "a", "note", 2)->command(), "done");
  EXPECT_EQ(world.ask(2, "b", "echo")->command(), "echoed");
  EXPECT_EQ(seen->noted().size(), 3u);
}

TEST_F(Handler, AnAskCannotSubscribeForItself) {
  auto answer = world.ask(2, "a", "subscribe", json{{"command", "note"}});
  EXPECT_EQ(answer->command(), "bad_request");
  EXPECT_EQ(answer->body()["field"], "subscriber");
}

TEST_F(Handler, ParamsAreSetTogetherOrNotAtAll) {
  const auto before = world.ask(2, "a", "get_params")->body();
  auto refused = world.ask(2, "a", "set_params", json::parse(
    R"({"params": [{"name": "word", "value": "new"}, {"name": "period", "value": "often"}]})"));
  EXPECT_EQ(refused->command(), "bad_request");
  EXPECT_EQ(refused->body(), (json{{"field", "period"}, {"expected", "number"}}));
  EXPECT_EQ(world.ask(2, "a", "get_params")->body(), before);
  auto done = world.ask(2, "a", "set_params", json::parse(
    R"({"params": [{"name": "word", "value": "new"}, {"name": "period", "value": 2}, {"name": "unheard", "value": 1}]})"));
  EXPECT_EQ(done->command(), "params_are_set");
  const auto after = world.ask(2, "a", "get_params")->body()["params"];
  EXPECT_EQ(after[0], (json{{"name", "period"}, {"value", 2.0}}));
  EXPECT_EQ(after[1], (json{{"name", "word"}, {"value", "new"}}));
}
