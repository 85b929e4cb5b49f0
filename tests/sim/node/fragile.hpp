#pragma once

#include <troupe/actor.hpp>

#include "tests/sim/node/sim_world.hpp"

#include <memory>
#include <stdexcept>

namespace troupe {

/// What a test decides about its fragile actors.
struct fragile_world : probe_world {
  std::atomic<int> births_that_fail{0}; ///< of the next `pre_run`s
};

/// An actor that counts, and fails in every way there is.
class fragile final : public actor {
public:
  explicit fragile(std::shared_ptr<fragile_world> world) : world_(std::move(world)) {}
  ~fragile() override { world_->note("destroyed"); }

  static void describe(class_builder<fragile>& table) {
    table.on("add", &fragile::add)
      .on("keep", &fragile::keep)
      .on("get", &fragile::get)
      .on("throw", &fragile::throw_text)
      .on("throw_later", &fragile::throw_later)
      .on("throw_in_callback", &fragile::throw_in_callback)
      .on("throw_in_poster", &fragile::throw_in_poster)
      .on("answer_failed", &fragile::answer_failed)
      .on("wait", &fragile::wait)
      .on_reentrant("wait_beside", &fragile::wait)
      .on_reentrant("ask_beside", &fragile::ask_beside)
      .on("promise", &fragile::promise)
      .on("note_later", &fragile::note_later)
      .on("start_ticker", &fragile::start_ticker)
      .on("tick", &fragile::tick)
      .on("silence", &fragile::silence)
      .on("notification", &fragile::notification)
      .param("limit", &fragile::limit_);
  }

  async<> pre_run() override {
    if (world_->births_that_fail > 0) {
      --world_->births_that_fail;
      throw std::runtime_error("born badly");
    }
    world_->note("born");
    co_return;
  }
  async<> exit() override {
    world_->note("exit");
    return {};
  }
  json save() const override { return count_; }
  void restore(const json& state) override { count_ = state.get<int>(); }

private:
  reply add() { return {"count", ++count_}; }
  void keep() { ctx().checkpoint(); }
  reply get() { return {"count", count_}; }
  void throw_text(const message& what) {
    count_ = -1;
    throw std::runtime_error(what.body().is_string() ? what.body().get<std::string>() : "thrown");
  }
  async<> throw_later() {
    co_await ctx().sleep(seconds{0.001});
    throw std::runtime_error("thrown later");
  }
  void throw_in_callback() {
    ctx().after(seconds{0.001}, [] { throw std::runtime_error("thrown by a timer"); });
  }
  void throw_in_poster() {
    ctx().make_poster()([] { throw 42; });
  }
  reply answer_failed() { return reply::failed("no, but thank you"); }
  async<> wait() {
    world_->note("waits");
    co_await ctx().sleep(seconds{3600});
  }
  async<reply> ask_beside(const message& what) {
    world_->note("asks");
    auto answer = co_await ctx().ask(address{what.body().get<std::string>()}, "promise", nullptr, seconds{3600});
    world_->note("was answered " + answer->command());
    co_return reply("asked");
  }
  reply promise() {
    kept_ = ctx().promise();
    return reply::later();
  }
  void note_later() {
    ctx().after(seconds{0.01}, [world = world_] { world->note("later"); });
  }
  void start_ticker() { ctx().add_ticker({seconds{0.002}, {}, {}, {}, "tick"}); }
  void tick() { world_->note("tick"); }
  /// Keeps its thread for as many seconds.
  void silence(const message& what) {
    const auto until = std::chrono::steady_clock::now() +
                       std::chrono::duration_cast<std::chrono::steady_clock::duration>(seconds{what.body().get<double>()});
    while (std::chrono::steady_clock::now() < until) {
    }
  }
  void notification() { world_->note("notified"); }

  std::shared_ptr<fragile_world> world_;
  int count_ = 0;
  int limit_ = 0;
  responder kept_;
};

inline std::shared_ptr<const class_info> make_fragile_class(const std::shared_ptr<fragile_world>& world) {
  return std::make_shared<const class_info>(
    describe_class<fragile>("Fragile", [world] { return std::make_unique<fragile>(world); }));
}

} // namespace troupe
