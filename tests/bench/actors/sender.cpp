#include "sender.hpp"

namespace bench_actors {

using troupe::json;
using troupe::message;
using troupe::reply;

namespace {
constexpr troupe::seconds pause{0.001}; ///< when a queue on the way is full
}

void sender::describe(troupe::class_builder<sender>& builder) {
  builder.on("pour", &sender::pour, "{to, count, window, body} -> pouring")
    .on("credit", &sender::credit, "from the counter: so many have come");
}

reply sender::pour(const message& what) {
  to_ = troupe::address::from_json(what.body().at("to")).value_or(troupe::address{});
  body_ = what.body().at("body");
  left_ = what.body().at("count").get<std::uint64_t>();
  credit_ = what.body().at("window").get<std::uint64_t>();
  send_some();
  return "pouring";
}

void sender::credit(const message& what) {
  credit_ += what.body().get<std::uint64_t>();
  send_some();
}

void sender::send_some() {
  while (left_ > 0 && credit_ > 0) {
    if (!ctx().send(to_, "hit", body_)) {
      ctx().after(pause, [this] { send_some(); });
      return;
    }
    --left_;
    --credit_;
  }
}

} // namespace bench_actors
