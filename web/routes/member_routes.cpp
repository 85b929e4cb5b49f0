#include "web/routes/member_routes.hpp"

#include "web/routes/message_frame.hpp"
#include "web/routes/problem.hpp"

#include "runtime/text_json/text_json.hpp"

#include <charconv>

namespace troupe {
namespace {

/// A recipient in an address: a name as it is, or an address as JSON.
std::optional<address> recipient_of(const std::string& text) {
  if (text.starts_with('{')) {
    const auto parsed = parse_text_json(text, {4, 16});
    return parsed ? read_recipient(*parsed) : std::nullopt;
  }
  return address{text};
}

} // namespace

void member_routes::add_to(route_table& table) {
  table.add({"GET", "/api/v1/members", route_access::logged_in, 0, [this](route_call call) { get(std::move(call)); }});
}

void member_routes::get(route_call call) {
  request what;
  what.command = "get_members";
  what.timeout = seconds(5);
  what.recipient = address{world_.actors.head()};
  int page_size = world_.page_size;
  if (const auto* text = call.request.query_value("page_size")) {
    const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), page_size);
    if (fault != std::errc{} || end != text->data() + text->size() || page_size < 1 || page_size > 10000) {
      call.sink->respond(problem(400, "`page_size` must be a whole number from 1 to 10000"));
      return;
    }
  }
  what.body = json{{"page_size", page_size}};
  for (const char* name : {"level", "id"}) {
    if (const auto* text = call.request.query_value(name); text != nullptr && !text->empty()) {
      what.body[name] = *text;
    }
  }
  if (const auto* text = call.request.query_value("recipient"); text != nullptr && !text->empty()) {
    auto place = recipient_of(*text);
    if (!place) {
      call.sink->respond(problem(400, "`recipient` must be a name or an address as JSON"));
      return;
    }
    what.recipient = std::move(*place);
    what.body["recipient"] = *text;
  }
  ++world_.counters.asks;
  world_.actors.ask(std::move(what), [this, sink = call.sink](message_ptr answer) {
    world_.counters.asks_unanswered += answer->is("timer");
    if (answer->is("members")) {
      sink->respond(json_response(200, answer->body()));
    } else {
      sink->respond(problem_of_answer(*answer, "asking for the members"));
    }
  });
}

} // namespace troupe
