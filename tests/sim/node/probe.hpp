#pragma once

#include <troupe/actor.hpp>

#include "tests/sim/node/sim_world.hpp"

#include <memory>

namespace troupe {

/// An actor that does what the messages of a test say.
class probe final : public actor {
public:
  explicit probe(std::shared_ptr<probe_world> world) : world_(std::move(world)) {
    if (world_->births_left.fetch_sub(1) <= 0) {
      throw std::runtime_error("no more of these");
    }
  }
  ~probe() override { world_->note("destroyed " + (born_.empty() ? std::string{"unborn"} : born_)); }

  static void describe(class_builder<probe>& table) {
    table.on("echo", &probe::echo)
      .on("note", &probe::note)
      .on("throw", &probe::throw_text)
      .on("throw_later", &probe::throw_later)
      .on("ask", &probe::pass_question)
      .on("sleep", &probe::sleep)
      .on("keep", &probe::keep)
      .on("let_go", &probe::let_go)
      .on("tick", &probe::note)
      .on("notification", &probe::notification)
      .on("start_ticker", &probe::start_ticker)
      .param("period", &probe::period_)
      .param("word", &probe::word_)
      .param("exit_time", &probe::exit_time_);
  }

  async<> pre_run() override {
    born_ = ctx().name();
    return {};
  }
  async<> exit() override { return leave(); }
  reply unknown(const message& what) override {
    if (what.is("throw_number")) {
      throw 42;
    }
    return reply::not_handled();
  }

private:
  reply echo(const message& what) { return {"echoed", what.body()}; }
  void note(const message& what) {
    world_->note(ctx().name() + " " + what.command() + (what.body().is_null() ? "" : " " + what.body().dump()));
  }
  void throw_text(const message& what) { throw std::runtime_error(what.body().get<std::string>()); }
  async<reply> throw_later() {
    co_await ctx().sleep(seconds{0.001});
    throw std::runtime_error("later");
  }
  /// `{to, command, body?, timeout?}`
  async<reply> pass_question(const message& what) {
    const auto& body = what.body();
    const address to{body.at("to").get<std::string>()};
    const auto command = body.at("command").get<std::string>();
    json question = body.contains("body") ? body["body"] : json(nullptr);
    const seconds timeout{body.value("timeout", 20.0)};
    auto answer = co_await ctx().ask(to, command, question, timeout);
    json out = json::object();
    out["command"] = answer->command();
    out["body"] = answer->body();
    co_return reply("passed", out);
  }
  async<> sleep(const message& what) {
    world_->note(ctx().name() + " sleeps");
    co_await ctx().sleep(seconds{what.body().get<double>()});
  }
  reply keep() {
    kept_ = ctx().promise();
    return reply::later();
  }
  void let_go() {
    if (kept_) {
      kept_(reply{"kept"});
    }
  }
  void notification(const message& what) { world_->note("notified of " + what.body().at("command").get<std::string>()); }
  void start_ticker() { ctx().add_ticker({seconds{period_}, {}, {}, {}, "tick"}); }
  async<> leave() {
    world_->note(ctx().name() + " leaves");
    if (exit_time_ > 0) {
      co_await ctx().sleep(seconds{exit_time_});
    }
    world_->note(ctx().name() + " left");
  }

  std::shared_ptr<probe_world> world_;
  std::string born_;
  double period_ = 0.001;
  std::string word_ = "none";
  double exit_time_ = 0;
  responder kept_;
};

inline std::shared_ptr<const class_info> make_probe_class(const std::shared_ptr<probe_world>& world) {
  return std::make_shared<const class_info>(
    describe_class<probe>("Probe", [world] { return std::make_unique<probe>(world); }));
}

} // namespace troupe
