#include "asker.hpp"

namespace bench_actors {

using troupe::json;
using troupe::message;
using troupe::reply;

namespace {

using steady = std::chrono::steady_clock;

reply asked(std::uint64_t count, std::uint64_t wrong, steady::time_point begin) {
  const std::chrono::duration<double> took = steady::now() - begin;
  return {"asked", json{{"count", count}, {"wrong", wrong}, {"seconds", took.count()}}};
}

} // namespace

void asker::describe(troupe::class_builder<asker>& builder) {
  builder.on("ask_in_turn", &asker::ask_in_turn, "{to, count, body} -> asked {count, wrong, seconds}")
    .on("ask_many", &asker::ask_many, "{to, count, in_flight, body} -> asked {count, wrong, seconds}");
}

troupe::async<reply> asker::ask_in_turn(const message& what) {
  const auto to = troupe::address::from_json(what.body().at("to")).value_or(troupe::address{});
  const auto count = what.body().at("count").get<std::uint64_t>();
  const auto body = what.body().at("body");
  std::uint64_t wrong = 0;
  const auto begin = steady::now();
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto answer = co_await ctx().ask(to, "echo", body);
    wrong += answer->is("echoed") && answer->body().size() == body.size() ? 0 : 1;
  }
  co_return asked(count, wrong, begin);
}

reply asker::ask_many(const message& what) {
  to_ = troupe::address::from_json(what.body().at("to")).value_or(troupe::address{});
  body_ = what.body().at("body");
  count_ = to_ask_ = to_come_ = what.body().at("count").get<std::uint64_t>();
  wrong_ = 0;
  answer_ = ctx().promise();
  begin_ = steady::now();
  for (auto i = what.body().at("in_flight").get<std::uint64_t>(); i > 0; --i) {
    ask_one_more();
  }
  return reply::later();
}

void asker::ask_one_more() {
  if (to_ask_ == 0) {
    return;
  }
  --to_ask_;
  ctx().ask_then(troupe::request{to_, "echo", body_, {}, {}, {}}, [this](const troupe::message_ptr& answer) {
    wrong_ += answer->is("echoed") && answer->body().size() == body_.size() ? 0 : 1;
    if (--to_come_ == 0) {
      answer_(asked(count_, wrong_, begin_));
    }
    ask_one_more();
  });
}

} // namespace bench_actors
