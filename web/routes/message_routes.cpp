#include "web/routes/message_routes.hpp"

#include "web/routes/message_frame.hpp"
#include "web/routes/problem.hpp"

namespace troupe {
namespace {

http_response answer_of(const message& answer) {
  // What the system itself says about the message is an answer too, except where the message was never accepted.
  if (answer.is("mailbox_full")) {
    return problem(429, "the receiver takes no more messages now; try again later");
  }
  if (answer.is("too_large")) {
    return problem_of_answer(answer, "sending the message");
  }
  return json_response(200, answer.to_json());
}

} // namespace

std::size_t max_frame_text(const web_world& world) noexcept {
  return world.max_message_bytes / 3 * 4 + (1u << 20);
}

void message_routes::add_to(route_table& table) {
  table.add({"POST", "/api/v1/messages", route_access::logged_in, max_frame_text(world_),
             [this](route_call call) { post(std::move(call)); }});
}

void message_routes::post(route_call call) {
  frame_rules rules;
  rules.max_message_bytes = world_.max_message_bytes;
  auto frame = read_frame(call.request.body, rules);
  if (!frame) {
    const auto& fault = frame.error();
    call.sink->respond(problem(fault.too_large ? 413 : 400, "`" + fault.field + "` must be " + fault.expected));
    return;
  }
  std::string().swap(call.request.body);
  if (!frame->is_ask) {
    ++world_.counters.sends;
    const auto sent = world_.actors.send(std::move(frame->what));
    call.sink->respond(sent ? json_response(202, json{{"accepted", true}}) : problem(sent.error()));
    return;
  }
  ++world_.counters.asks;
  world_.actors.ask(std::move(frame->what), [this, sink = call.sink](message_ptr answer) {
    world_.counters.asks_unanswered += answer->is("timer");
    sink->respond(answer_of(*answer));
  });
}

} // namespace troupe
