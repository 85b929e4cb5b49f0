#include "failing_actors.hpp"

#include "body.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <unistd.h>

namespace test_actors {

using troupe::json;
using troupe::message;
using troupe::reply;

void slow_exit::describe(troupe::class_builder<slow_exit>& builder) {
  builder.doc("Has an exit hook that takes its time.")
    .param("exit_time", &slow_exit::exit_time_, "Seconds the hook takes")
    .param("marks", &slow_exit::marks_, "File that gets a line at its begin and its end");
}

void slow_exit::mark(const std::string& what) const {
  if (!marks_.empty()) {
    std::ofstream(marks_, std::ios::app) << what + " " + ctx().name() + "\n" << std::flush;
  }
}

troupe::async<> slow_exit::exit() {
  mark("begun");
  co_await ctx().sleep(troupe::seconds(exit_time_));
  mark("ended");
}

void thrower::describe(troupe::class_builder<thrower>& builder) {
  builder.doc("Handlers that throw.")
    .on("throw", &thrower::throw_error, "throws std::runtime_error")
    .on("throw_number", &thrower::throw_number, "throws an int")
    .on("throw_later", &thrower::throw_later, "throws after a wait")
    .on("well", &thrower::well, "-> well");
}

reply thrower::throw_error() {
  throw std::runtime_error("thrown on purpose");
}

reply thrower::throw_number() {
  throw 42;
}

troupe::async<reply> thrower::throw_later() {
  co_await ctx().sleep(troupe::seconds(0.02));
  throw std::runtime_error("thrown later on purpose");
}

reply thrower::well() {
  return "well";
}

void late_answerer::describe(troupe::class_builder<late_answerer>& builder) {
  builder.doc("Answers late, twice or never.")
    .on("answer_after", &late_answerer::answer_after, "{seconds, body} -> late, the body, from a promise")
    .on("answer_twice", &late_answerer::answer_twice, "-> first, then tries `second`")
    .on("never", &late_answerer::never, "keeps the promise for ever")
    .on("drop", &late_answerer::drop, "drops the promise -> actor_has_failed");
}

reply late_answerer::answer_after(const message& what) {
  auto answer = ctx().promise();
  ctx().after(troupe::seconds(field(what, "seconds", 0.5)),
              [answer, body = any_field(what, "body")] { answer(reply("late", body)); });
  return reply::later();
}

reply late_answerer::answer_twice() {
  auto answer = ctx().promise();
  answer(reply("first"));
  answer(reply("second"));
  return reply::later();
}

reply late_answerer::never() {
  kept_.push_back(ctx().promise());
  return reply::later();
}

reply late_answerer::drop() {
  (void)ctx().promise();
  return reply::later();
}

void slow_birth::describe(troupe::class_builder<slow_birth>& builder) {
  builder.doc("Takes 3 s to be born.");
}

troupe::async<> slow_birth::pre_run() {
  co_await ctx().sleep(troupe::seconds(3));
}

void bad_birth::describe(troupe::class_builder<bad_birth>& builder) {
  builder.doc("Cannot be born.");
}

troupe::async<> bad_birth::pre_run() {
  throw std::runtime_error("not born on purpose");
  co_return;
}

void crasher::describe(troupe::class_builder<crasher>& builder) {
  builder.doc("Ends its whole process.")
    .on("crash", &crasher::crash, "abort()")
    .on("leave", &crasher::leave, "{code}: _exit(code)");
}

reply crasher::crash() {
  std::abort();
}

reply crasher::leave(const message& what) {
  _exit(field(what, "code", 3));
}

} // namespace test_actors
