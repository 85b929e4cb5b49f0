#include "echo.hpp"

#include "body.hpp"

#include <chrono>
#include <thread>

namespace test_actors {

using troupe::json;
using troupe::message;
using troupe::reply;

namespace {

/// `size` bytes, every value in it, different at each place; as text only ASCII.
std::string pattern(std::size_t size, bool as_text) {
  std::string out(size, '\0');
  std::uint32_t state = 0x2545F491u;
  for (auto& c : out) {
    state = state * 1664525u + 1013904223u;
    c = static_cast<char>(as_text ? 'a' + (state >> 24) % 26 : state >> 24);
  }
  return out;
}

json as_body(const std::string& bytes, bool as_text) {
  return as_text ? json(bytes) : json::binary(std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
}

} // namespace

void echo::describe(troupe::class_builder<echo>& builder) {
  builder.doc("Gives bodies back, and speaks from inside its node.")
    .param("note", &echo::note_, "Any text")
    .on("echo", &echo::give_back, "-> echoed, the same body")
    .on("who", &echo::who, "-> here_is {node, name}")
    .on("forward_ask", &echo::forward_ask, "{to, command, body, timeout} -> forwarded {command, body, took}")
    .on("forward_asks", &echo::forward_asks, "{to: [...], command, body, timeout} -> forwarded {answers: [...]}")
    .on("forward_send", &echo::forward_send, "{to, command, body, times} -> sent {accepted} | refused {reason}")
    .on("relay_bytes", &echo::relay_bytes, "{to, size, text, timeout} -> relayed {command, same, type, reason}")
    .on("sleep_for", &echo::sleep_for, "{seconds}: waits without a thread -> slept")
    .on("block_for", &echo::block_for, "{seconds}: holds its thread -> blocked")
    .on("print", &echo::print, "{text} -> printed");
}

reply echo::give_back(const message& what) {
  return {"echoed", what.body()};
}

reply echo::who() {
  return {"here_is", json{{"node", ctx().node()}, {"name", ctx().name()}}};
}

troupe::async<reply> echo::forward_ask(const message&) {
  const auto question = ctx().current();
  const auto to = troupe::address::from_json(any_field(*question, "to"));
  if (!to) {
    co_return reply::bad_request("to", "an address");
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto got = co_await ctx().ask(*to, field<std::string>(*question, "command", "echo"),
                                      any_field(*question, "body"), troupe::seconds(field(*question, "timeout", 4.0)));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  co_return reply("forwarded", json{{"command", got->command()}, {"body", got->body()}, {"took", took.count()}});
}

troupe::async<reply> echo::forward_asks(const message&) {
  const auto question = ctx().current();
  std::vector<troupe::request> requests;
  for (const auto& to : any_field(*question, "to")) {
    requests.push_back({.recipient = troupe::address::from_json(to).value_or(troupe::address{}),
                        .command = field<std::string>(*question, "command", "echo"),
                        .body = any_field(*question, "body")});
  }
  const auto all = co_await ctx().group_ask(std::move(requests), troupe::seconds(field(*question, "timeout", 4.0)));
  json answers = json::array();
  for (const auto& one : all) {
    answers.push_back(
      {{"recipient", one.recipient.to_json()}, {"command", one.message->command()}, {"body", one.message->body()}});
  }
  co_return reply("forwarded", json{{"answers", std::move(answers)}});
}

reply echo::forward_send(const message& what) {
  const auto to = troupe::address::from_json(any_field(what, "to"));
  if (!to) {
    return reply::bad_request("to", "an address");
  }
  const int times = field(what, "times", 1);
  int accepted = 0;
  std::string reason;
  for (int i = 0; i < times; ++i) {
    if (auto sent = ctx().send(*to, field<std::string>(what, "command", "echo"), any_field(what, "body")); sent) {
      ++accepted;
    } else {
      reason = sent.error().text;
    }
  }
  return {reason.empty() ? "sent" : "refused", json{{"accepted", accepted}, {"reason", reason}}};
}

troupe::async<reply> echo::relay_bytes(const message&) {
  const auto question = ctx().current();
  const auto to = troupe::address::from_json(any_field(*question, "to"));
  const bool as_text = field(*question, "text", false);
  const auto size = field<std::size_t>(*question, "size", 0);
  const json body = as_body(pattern(size, as_text), as_text);
  const auto got = co_await ctx().ask(to.value_or(troupe::address{}), "echo", body,
                                      troupe::seconds(field(*question, "timeout", 20.0)));
  const bool echoed = got->is("echoed");
  co_return reply("relayed", json{{"command", got->command()},
                                  {"same", echoed && got->body() == body},
                                  {"type", got->body().type_name()},
                                  {"answer", echoed ? json() : got->body()}});
}

troupe::async<reply> echo::sleep_for(const message& what) {
  co_await ctx().sleep(troupe::seconds(field(what, "seconds", 1.0)));
  co_return "slept";
}

reply echo::block_for(const message& what) {
  // sleep: to hold a thread is what this command is for
  std::this_thread::sleep_for(std::chrono::duration<double>(field(what, "seconds", 1.0)));
  return "blocked";
}

reply echo::print(const message& what) {
  ctx().print(field<std::string>(what, "text", "nothing"));
  return "printed";
}

} // namespace test_actors
