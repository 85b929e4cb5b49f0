#include "receivers.hpp"

namespace bench_actors {

using troupe::json;
using troupe::message;
using troupe::reply;

void echo::describe(troupe::class_builder<echo>& builder) {
  builder.on("echo", &echo::give_back, "-> echoed, the same body");
}

reply echo::give_back(const message& what) {
  return {"echoed", what.body()};
}

void idle::describe(troupe::class_builder<idle>& builder) {
  builder.on("poke", &idle::poke);
}

reply idle::poke() {
  return reply::done();
}

void counter::describe(troupe::class_builder<counter>& builder) {
  builder.on("count", &counter::count, "{expected, grain, source} -> counted {count, seconds}, when all have come")
    .on("is_ready", &counter::is_ready, "-> ready, with what is expected and has not come yet")
    .on("hit", &counter::hit, "one more");
}

reply counter::count(const message& what) {
  expected_ = what.body().at("expected").get<std::uint64_t>();
  grain_ = what.body().at("grain").get<std::uint64_t>();
  source_ = troupe::address::from_json(what.body().at("source")).value_or(troupe::address{});
  seen_ = 0;
  answer_ = ctx().promise();
  return reply::later();
}

reply counter::is_ready() {
  return {"ready", json(expected_ - seen_)};
}

void counter::hit(const message& what) {
  // A message counts when its body can be read.
  if (what.body().is_null()) {
    return;
  }
  if (seen_++ == 0) {
    first_ = std::chrono::steady_clock::now();
  }
  if (seen_ % grain_ == 0) {
    (void)ctx().send(source_, "credit", json(grain_));
  }
  if (seen_ == expected_) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - first_;
    answer_(reply{"counted", json{{"count", seen_}, {"seconds", took.count()}}});
  }
}

} // namespace bench_actors
