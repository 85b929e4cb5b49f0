#include "web/routes/task_output_routes.hpp"

#include "web/routes/output_stream.hpp"
#include "web/routes/problem.hpp"
#include "runtime/task_id/task_id.hpp"

#include <charconv>
#include <optional>

namespace troupe {
namespace {

std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

} // namespace

void task_output_routes::add_to(route_table& table) {
  table.add({"GET", "/api/v1/tasks/{id}/output", route_access::logged_in, 0,
             [this](route_call call) { get(std::move(call)); }});
}

void task_output_routes::get(route_call call) {
  output_request wish;
  wish.task = call.parts[0];
  wish.events = call.request.field("accept").find("text/event-stream") != std::string_view::npos;
  wish.text = !wish.events && call.request.field("accept").find("text/plain") != std::string_view::npos;
  if (!is_task_id(wish.task)) {
    call.sink->respond(problem(404, "there is no task with such an id"));
    return;
  }
  if (const auto* text = call.request.query_value("from")) {
    const auto number = read_number(*text);
    if (!number) {
      call.sink->respond(problem(400, "`from` must be the number of a record, counted from 0"));
      return;
    }
    wish.from = *number;
  }
  if (const auto last = call.request.field("last-event-id"); wish.events && !last.empty()) {
    if (const auto number = read_number(last)) {
      wish.from = *number + 1; // a browser that reconnects says what it has
    }
  }
  const auto* follow = call.request.query_value("follow");
  wish.follow = follow != nullptr ? *follow == "true" || *follow == "1" : wish.events;
  output_stream::start(world_, std::move(wish), call.sink);
}

} // namespace troupe
