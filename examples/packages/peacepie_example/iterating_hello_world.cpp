#include "iterating_hello_world.hpp"

#include <algorithm>
#include <string>

namespace peacepie_example {

namespace {

constexpr auto ticker_name = "hello";
constexpr double shortest_period = 0.001;

} // namespace

void iterating_hello_world::describe(troupe::class_builder<iterating_hello_world>& builder) {
  using self = iterating_hello_world;
  builder.doc("Prints a numbered greeting every `period` seconds, `limit` times.")
    .param("period", &self::period_, "Seconds between two greetings; taken up at the next tick_start")
    .param("limit", &self::limit_, "How many greetings; null: no limit")
    .param("index", &self::index_, "The number of the next greeting")
    .param("is_ticking", &self::is_ticking_, "Whether it greets now")
    .on("start", &self::start, "Goes on greeting if is_ticking -> started")
    .on("tick_start", &self::tick_start, "-> tick_started | tick_already_started")
    .on("tick_stop", &self::tick_stop, "Sets index to 0 -> tick_stopped | tick_already_stopped")
    .on("tick", &self::tick, "One greeting; sent by the own ticker");
}

troupe::async<> iterating_hello_world::pre_run() {
  resume();
  return {};
}

troupe::async<> iterating_hello_world::moved() {
  resume();
  return {};
}

troupe::reply iterating_hello_world::start() {
  resume();
  return "started";
}

troupe::reply iterating_hello_world::tick_start() {
  if (is_ticking_) {
    return "tick_already_started";
  }
  if (limit_ && index_ >= *limit_) {
    index_ = 0;
  }
  is_ticking_ = true;
  resume();
  ctx().checkpoint();
  return "tick_started";
}

troupe::reply iterating_hello_world::tick_stop() {
  index_ = 0;
  if (!is_ticking_) {
    return "tick_already_stopped";
  }
  halt();
  return "tick_stopped";
}

void iterating_hello_world::tick() {
  if (limit_ && index_ >= *limit_) {
    halt();
    return;
  }
  ctx().print(ctx().name() + " " + ctx().node() + " \"Hello, World! (" + std::to_string(index_) + ")\"");
  ++index_;
  if (limit_ && index_ >= *limit_) {
    halt();
  }
}

// A ticker that is there already, for instance because it moved with the actor, is kept: its name is in use.
void iterating_hello_world::resume() {
  if (is_ticking_) {
    ctx().add_ticker({.period = troupe::seconds{std::max(period_, shortest_period)}, .name = ticker_name});
  }
}

void iterating_hello_world::halt() {
  ctx().remove_ticker(ticker_name);
  is_ticking_ = false;
  ctx().checkpoint();
}

} // namespace peacepie_example
