#include "tests/bench/local/bare_local.hpp"

#include "tests/bench/support/bare_caf.hpp"

#include <troupe/message.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/response_promise.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <chrono>
#include <future>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::message_fields)

namespace bench {

namespace {

using steady = std::chrono::steady_clock;
using troupe::json;
using troupe::message_fields;

constexpr auto ask_time = std::chrono::seconds{1};

message_fields fields_of(std::string command, json body, std::uint64_t number) {
  static const auto& origin = *new std::shared_ptr<const std::string>(new std::string{"king.first.main"});
  message_fields out;
  out.command = std::move(command);
  out.body = std::move(body);
  out.recipient = troupe::address{"receiver"};
  out.sender = troupe::address{"first.main.admin", "_4294967296"};
  out.timeout_s = 1;
  out.number = number;
  out.origin = origin;
  return out;
}

caf::behavior echo(caf::event_based_actor*) {
  return {[](const message_fields& what) {
    return what.command == "echo" ? fields_of("echoed", what.body, what.number) : fields_of("no", nullptr, 0);
  }};
}

struct asker_state {
  std::uint64_t to_ask = 0;
  std::uint64_t to_come = 0;
  json body;
  caf::actor to;
  steady::time_point begin;
  std::promise<double>* done = nullptr;
};

void ask_one_more(caf::stateful_actor<asker_state>* self) {
  auto& state = self->state;
  if (state.to_ask == 0) {
    return;
  }
  --state.to_ask;
  self->request(state.to, ask_time, fields_of("echo", state.body, state.to_ask))
    .then([self](const message_fields& answer) {
      auto& state = self->state;
      if (answer.command == "echoed" && --state.to_come == 0) {
        state.done->set_value(std::chrono::duration<double>(steady::now() - state.begin).count());
        self->quit();
      }
      ask_one_more(self);
    });
}

struct counter_state {
  std::uint64_t seen = 0;
  steady::time_point first;
};

struct sender_state {
  std::uint64_t left = 0;
  std::uint64_t credit = 0;
};

void send_some(caf::stateful_actor<sender_state>* self, const caf::actor& to, const json& body) {
  auto& state = self->state;
  while (state.left > 0 && state.credit > 0) {
    self->send(to, fields_of("hit", body, state.left));
    --state.left;
    --state.credit;
  }
}

} // namespace

double bare_asks(std::uint64_t count, std::uint64_t in_flight, const json& body) {
  bare_caf_config config;
  caf::actor_system system{config};
  std::promise<double> done;
  auto to = system.spawn(echo);
  system.spawn([&, to](caf::stateful_actor<asker_state>* self) {
    self->state = asker_state{count, count, body, to, steady::now(), &done};
    for (std::uint64_t i = 0; i < in_flight; ++i) {
      ask_one_more(self);
    }
  });
  const auto seconds = done.get_future().get();
  caf::anon_send_exit(to, caf::exit_reason::user_shutdown);
  return static_cast<double>(count) / seconds;
}

double bare_sends(std::uint64_t count, std::uint64_t window, std::uint64_t grain, const json& body) {
  bare_caf_config config;
  caf::actor_system system{config};
  std::promise<double> done;
  caf::actor source;
  auto to = system.spawn([&](caf::stateful_actor<counter_state>* self) -> caf::behavior {
    return {[&, self](const message_fields& what) {
      auto& state = self->state;
      if (what.command != "hit" || what.body.is_null()) {
        return;
      }
      if (state.seen++ == 0) {
        state.first = steady::now();
      }
      if (state.seen % grain == 0) {
        self->send(source, grain);
      }
      if (state.seen == count) {
        done.set_value(std::chrono::duration<double>(steady::now() - state.first).count());
        self->quit();
      }
    }};
  });
  source = system.spawn([&, to](caf::stateful_actor<sender_state>* self) -> caf::behavior {
    self->state = sender_state{count, 0};
    return {[=, &body](std::uint64_t more) {
      self->state.credit += more;
      send_some(self, to, body);
    }};
  });
  caf::anon_send(source, window);
  const auto seconds = done.get_future().get();
  caf::anon_send_exit(source, caf::exit_reason::user_shutdown);
  source = nullptr;
  return static_cast<double>(count) / seconds;
}

} // namespace bench
