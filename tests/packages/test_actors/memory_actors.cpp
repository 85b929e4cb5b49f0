#include "memory_actors.hpp"

#include "body.hpp"

#include <troupe/watch.hpp>

namespace test_actors {

using troupe::json;
using troupe::message;
using troupe::reply;

void counter::describe(troupe::class_builder<counter>& builder) {
  builder.doc("Counts.")
    .param("value", &counter::value_, "The number now")
    .on("add", &counter::add, "{n} (default 1) -> count {value}")
    .on("get", &counter::get, "-> count {value}");
}

reply counter::add(const message& what) {
  value_ += field<std::int64_t>(what, "n", 1);
  return get();
}

reply counter::get() {
  return {"count", json{{"value", value_}}};
}

void collector::describe(troupe::class_builder<collector>& builder) {
  builder.doc("Keeps every message it does not know.")
    .on("follow", &collector::follow, "{to, command}: subscribes in its own name -> follows | refused {reason}")
    .on("unfollow", &collector::unfollow, "{to, command} -> follows | refused {reason}")
    .on("mourn", &collector::mourn, "{entity}: watches it in its own name -> mourns")
    .on("collected", &collector::collected, "-> collected {messages: [{command, body}]}")
    .on("clear", &collector::clear, "-> cleared");
}

reply collector::unknown(const message& what) {
  kept_.push_back({{"command", what.command()}, {"body", what.body()}});
  return reply::done();
}

reply collector::tell(const message& what, const char* command) {
  const auto to = troupe::address::from_json(any_field(what, "to"));
  if (!to) {
    return reply::bad_request("to", "an address");
  }
  auto sent = ctx().send({.recipient = *to,
                          .command = command,
                          .body = json{{"command", field<std::string>(what, "command", "")}},
                          .sender = ctx().self()});
  return sent ? reply("follows") : reply("refused", json{{"reason", sent.error().text}});
}

reply collector::follow(const message& what) {
  return tell(what, "subscribe");
}

reply collector::unfollow(const message& what) {
  return tell(what, "unsubscribe");
}

reply collector::mourn(const message& what) {
  auto sent = troupe::watch(ctx(), field<std::string>(what, "entity", ""));
  return sent ? reply("mourns") : reply("refused", json{{"reason", sent.error().text}});
}

reply collector::collected() {
  return {"collected", json{{"messages", kept_}}};
}

reply collector::clear() {
  kept_ = json::array();
  return "cleared";
}

} // namespace test_actors
