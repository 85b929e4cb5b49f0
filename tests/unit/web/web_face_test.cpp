#include "actors/web_face/web_face.hpp"
#include "tests/unit/web/fake_context.hpp"

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
    return std::make_unique<door_of>(*this, "http://" + options.host + ":" + std::to_string(options.port));
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
    std::string login() const override { return address_ + "/login?code=x"; }

  private:
    fake_listener& owner_;
    std::string address_;
  };
};

class WebFaceTest : public ::testing::Test {
protected:
  WebFaceTest() { face_->bind(&ctx_); }

  reply tell(const std::string& command) {
    message_fields fields;
    fields.command = command;
    const message what(std::move(fields));
    return std::get<reply>(class_.commands.at(command).handle(*face_, what));
  }
  void set(const std::string& name, const json& value) {
    const auto* param = class_.find_param(name);
    ASSERT_NE(param, nullptr);
    ASSERT_FALSE(param->check(value));
    param->set(*face_, value);
  }

  fake_listener doors_;
  class_info class_ = make_web_face_class({&doors_});
  fake_context ctx_;
  std::unique_ptr<actor> face_ = class_.make();
};

TEST_F(WebFaceTest, StartOpensTheDoorAndTellsTheHead) {
  set("port", 8123);
  set("page_size", 7);
  const auto answer = tell("start");
  EXPECT_EQ(answer.command(), "started");
  EXPECT_EQ(answer.body(), (json{{"address", "http://127.0.0.1:8123"}}));
  EXPECT_EQ(doors_.opened[0].page_size, 7);
  ASSERT_EQ(ctx_.sent.size(), 1u);
  EXPECT_EQ(ctx_.sent[0].recipient, address("first.main.admin"));
  EXPECT_EQ(ctx_.sent[0].command, "service_is_ready");
  EXPECT_EQ(ctx_.sent[0].body, (json{{"service", "api"}, {"address", "http://127.0.0.1:8123"}, {"login", "http://127.0.0.1:8123/login?code=x"}}));
}

TEST_F(WebFaceTest, ThePortHasTwoNamesAndADefault) {
  EXPECT_EQ(tell("start").body()["address"], "http://127.0.0.1:9090");
  set("http_port", 8001);
  EXPECT_EQ(tell("start").body()["address"], "http://127.0.0.1:8001");
  set("port", 8002);
  EXPECT_EQ(tell("start").body()["address"], "http://127.0.0.1:8002");
  EXPECT_EQ(doors_.open_doors, 1) << "the earlier doors are closed";
}

TEST_F(WebFaceTest, ASecondStartChangesNothing) {
  tell("start");
  EXPECT_EQ(tell("start").command(), "started");
  EXPECT_EQ(doors_.opened.size(), 1u);
  EXPECT_EQ(ctx_.sent.size(), 1u);
}

TEST_F(WebFaceTest, ABusyPortIsAnAnswerWithTheReason) {
  doors_.busy_port = 9090;
  const auto answer = tell("start");
  EXPECT_EQ(answer.command(), "not_started");
  EXPECT_EQ(answer.body()["reason"], "the port is in use");
  EXPECT_TRUE(ctx_.sent.empty());
  set("port", 70000);
  EXPECT_EQ(tell("start").command(), "not_started");
  set("port", 8001);
  EXPECT_EQ(tell("start").command(), "started");
}

TEST_F(WebFaceTest, StopAndTheEndCloseTheDoor) {
  tell("start");
  EXPECT_EQ(tell("stop").command(), "stopped");
  EXPECT_EQ(doors_.open_doors, 0);
  tell("start");
  EXPECT_FALSE(face_->exit().valid());
  EXPECT_EQ(doors_.open_doors, 0);
}

/// Runs a hook that has nothing to wait for.
bool ends_at_once(async<> hook) {
  hook.handle().promise().on_done = [](void*) {};
  hook.handle().resume();
  return hook.done();
}

TEST_F(WebFaceTest, AMovedActorOpensItsDoorAgainIfItWasOpen) {
  tell("start");
  const auto state = face_->save();
  const auto target = class_.make();
  fake_context there;
  target->bind(&there);
  target->restore(state);
  EXPECT_TRUE(ends_at_once(target->moved()));
  EXPECT_EQ(doors_.open_doors, 2);
  EXPECT_EQ(there.sent.size(), 1u);
  const auto closed = class_.make();
  closed->bind(&there);
  EXPECT_TRUE(ends_at_once(closed->moved()));
  EXPECT_EQ(doors_.open_doors, 2);
}

TEST_F(WebFaceTest, AProcessWithoutAWebServerSaysSo) {
  const auto info = make_web_face_class({});
  const auto face = info.make();
  face->bind(&ctx_);
  message_fields fields;
  fields.command = "start";
  const auto answer = std::get<reply>(info.commands.at("start").handle(*face, message(std::move(fields))));
  EXPECT_EQ(answer.command(), "not_started");
}

} // namespace
} // namespace troupe
