// Lists of tasks, and tasks that have no actor any more: the history of runs knows them.
#include "web/routes/task_routes.hpp"

#include "web/routes/problem.hpp"

#include "runtime/text_json/text_json.hpp"

#include <charconv>
#include <optional>
#include <utility>

namespace troupe {
namespace {

std::optional<std::uint64_t> number_of(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc{} && end == text.data() + text.size() ? std::optional{number} : std::nullopt;
}

} // namespace

void task_routes::ask_history(const sink_ptr& sink, std::string command, json body, std::string wanted,
                              std::function<void(message_ptr)> done) {
  std::string attempted = command;
  ask(world_.history, std::move(command), std::move(body), 15,
      [sink, attempted = std::move(attempted), wanted = std::move(wanted), done = std::move(done)](message_ptr answer) {
        if (answer->is(wanted)) {
          done(std::move(answer));
        } else if (answer->is("run_is_unknown") || answer->is("is_not_handled")) {
          sink->respond(problem(404, "there is no such task"));
        } else {
          sink->respond(problem_of_answer(*answer, attempted + " of the history of runs"));
        }
      });
}

std::function<void()> task_routes::from_history(const sink_ptr& sink, const std::string& id, std::string command,
                                                std::string wanted, unsigned status) {
  return [this, sink, id, command = std::move(command), wanted = std::move(wanted), status] {
    ask_history(sink, command, json{{"id", id}}, wanted, [sink, status](message_ptr answer) {
      sink->respond(status == 204   ? http_response{204, "", "", {}}
                    : status == 202 ? json_response(202, json{{"accepted", true}})
                                    : json_response(200, answer->body()));
    });
  };
}

void task_routes::list(route_call call) {
  json query = json::object();
  for (const char* name : {"state", "script", "since"}) {
    if (const auto* value = call.request.query_value(name); value != nullptr && !value->empty()) {
      query[name] = *value;
    }
  }
  for (const char* name : {"limit", "after"}) {
    if (const auto* value = call.request.query_value(name); value != nullptr && !value->empty()) {
      const auto number = number_of(*value);
      if (!number) {
        call.sink->respond(problem(400, "`" + std::string{name} + "` must be a number"));
        return;
      }
      query[name] = *number;
    }
  }
  ask_history(call.sink, "list_runs", std::move(query), "run_list", [sink = call.sink](message_ptr answer) {
    sink->respond(json_response(200, json{{"tasks", answer->body().at("runs")}, {"next", answer->body().at("next")},
                                            {"queue", answer->body().value("queue", json(nullptr))}}));
  });
}

/// Starts what a task was started with once more, as a task of its own; fields of the body replace those of that start.
void task_routes::rerun(route_call call) {
  auto changes = call.request.body.empty() ? result<json>{json::object()} : parse_text_json(call.request.body);
  changes = changes ? from_text_json(std::move(*changes)) : std::move(changes);
  if (!changes || !changes->is_object()) {
    call.sink->respond(changes ? problem(400, "the body must be a JSON object") : problem(changes.error()));
    return;
  }
  ask_history(call.sink, "get_run_request", json{{"id", call.parts[0]}}, "run_request",
              [this, sink = call.sink, id = call.parts[0], changes = std::move(*changes)](message_ptr answer) {
                auto body = answer->body().at("request");
                if (!body.is_object()) {
                  sink->respond(problem(409, "task " + id + " was started with more than the history keeps; start it anew"));
                  return;
                }
                body["stdin"] = "closed"; // nobody is there to write
                body.update(changes);
                launch(sink, std::move(body), 201);
              });
}

} // namespace troupe
