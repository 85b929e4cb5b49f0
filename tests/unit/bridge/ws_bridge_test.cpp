#include "actors/ws_bridge/ws_bridge.hpp"

#include "runtime/sdk/testing/fake_context.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

/// Doors without sockets.
class fake_listener final : public listener {
public:
  result<std::unique_ptr<open_listener>> open(const listener_options& options) override {
    opened.push_back(options);
    if (options.port == busy_port) {
      return fail(error_code::conflict, "the port is in use");
    }
    ++open_doors;
    return std::make_unique<door_of>(*this, "ws://" + options.host + ":" + std::to_string(options.port));
  }

  std::vector<listener_options> opened;
  int open_doors = 0;
  int busy_port = -1;

private:
  class door_of final : public open_listener {
  public:
    door_of(fake_listener& owner, std::string address) : owner_(owner), address_(std::move(address)) {}
    ~door_of() override { --owner_.open_doors; }
    std::string address() const override { return address_; }

  private:
    fake_listener& owner_;
    std::string address_;
  };
};

class WsBridgeTest : public ::testing::Test {
protected:
  WsBridgeTest() { bridge_->bind(&ctx_); }

  fake_answer_ptr tell(const std::string& command) { return ctx_.tell(*bridge_, class_, command); }
  void set(const std::string& name, const json& value) {
    const auto* param = class_.find_param(name);
    ASSERT_NE(param, nullptr);
    ASSERT_FALSE(param->check(value));
    param->set(*bridge_, value);
  }

  fake_listener doors_;
  class_info class_ = make_ws_bridge_class({&doors_});
  fake_context ctx_;
  std::unique_ptr<actor> bridge_ = class_.make();
};

TEST_F(WsBridgeTest, StartOpensThePortAndTellsTheHead) {
  EXPECT_EQ(tell("start")->body()["address"], "ws://127.0.0.1:18564");
  ASSERT_EQ(ctx_.sent.size(), 1u);
  EXPECT_EQ(ctx_.sent[0].command, "service_is_ready");
  EXPECT_EQ(ctx_.sent[0].body, (json{{"service", "bridge"}, {"address", "ws://127.0.0.1:18564"}}));
}

TEST_F(WsBridgeTest, ASecondStartChangesNothingUnlessTheParametersDid) {
  (void)tell("start");
  (void)tell("start");
  EXPECT_EQ(doors_.opened.size(), 1u);
  set("port", 4000);
  EXPECT_EQ(tell("start")->body()["address"], "ws://127.0.0.1:4000");
  EXPECT_EQ(doors_.open_doors, 1);
}

TEST_F(WsBridgeTest, ABusyPortAndAWrongOneAreSaid) {
  doors_.busy_port = 18564;
  EXPECT_EQ(tell("start")->command(), "not_started");
  set("port", 70000);
  EXPECT_EQ(tell("start")->command(), "not_started");
  EXPECT_EQ(doors_.open_doors, 0);
}

TEST_F(WsBridgeTest, StopAndTheEndCloseThePort) {
  (void)tell("start");
  EXPECT_EQ(tell("stop")->command(), "stopped");
  EXPECT_EQ(doors_.open_doors, 0);
  (void)tell("start");
  (void)ctx_.run_hook(bridge_->exit());
  EXPECT_EQ(doors_.open_doors, 0);
}

TEST_F(WsBridgeTest, AMovedBridgeOpensItsPortOnceItIsFree) {
  (void)tell("start");
  auto moved = class_.make();
  moved->bind(&ctx_);
  moved->restore(bridge_->save());
  doors_.busy_port = 18564;
  const auto answer = ctx_.run_hook(moved->moved());
  ASSERT_EQ(ctx_.timers.size(), 1u);
  doors_.busy_port = -1;
  bridge_.reset();
  ctx_.timers.front().done();
  EXPECT_TRUE(answer->ready());
  EXPECT_EQ(doors_.open_doors, 1);
  moved.reset();
}

TEST_F(WsBridgeTest, AnOpenBridgeDoesNotMoveToWhereNothingCanBeOpened) {
  (void)tell("start");
  const auto elsewhere = make_ws_bridge_class({nullptr});
  EXPECT_ANY_THROW(elsewhere.make()->restore(bridge_->save()));
  elsewhere.make()->restore(json{{"open", false}});
}

} // namespace
} // namespace troupe
