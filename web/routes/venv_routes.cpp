#include "web/routes/venv_routes.hpp"

#include "web/routes/problem.hpp"

#include "runtime/text_json/text_json.hpp"

#include <utility>

namespace troupe {
namespace {

constexpr auto builder = "venv_builder";
constexpr std::size_t max_body = 256u << 10;
constexpr double look_s = 10;
constexpr double change_s = 3'600; ///< the builder's own limit ends a build sooner

std::optional<json> object_of(const route_call& call) {
  auto parsed = parse_text_json(call.request.body);
  if (!parsed || !parsed->is_object()) {
    call.sink->respond(problem(400, parsed ? "the body must be a JSON object" : parsed.error().text));
    return std::nullopt;
  }
  return std::move(*parsed);
}

/// The reason, and what the tool said last.
http_response failure(unsigned status, const message& answer, const std::string& attempted) {
  auto out = problem_of_answer(status, answer, attempted);
  const json& body = answer.body();
  if (!body.is_object()) {
    return out;
  }
  json whole = json::parse(out.body, nullptr, false);
  for (const char* more : {"lines", "users"}) {
    if (const auto found = body.find(more); found != body.end() && whole.is_object()) {
      whole[more] = *found;
    }
  }
  out.body = whole.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  return out;
}

bool is_refusal(const message& answer) {
  return answer.is("venv_is_not_created") || answer.is("venv_is_not_deleted") || answer.is("packages_are_not_installed");
}

} // namespace

void venv_routes::add_to(route_table& table) {
  const auto add = [&](const char* method, const char* pattern, std::size_t most, void (venv_routes::*run)(route_call)) {
    table.add({method, pattern, route_access::logged_in, most,
               [this, run](route_call call) { (this->*run)(std::move(call)); }});
  };
  add("GET", "/api/v1/venvs", 0, &venv_routes::list);
  add("POST", "/api/v1/venvs", max_body, &venv_routes::create);
  add("GET", "/api/v1/venvs/{name}", 0, &venv_routes::show);
  add("DELETE", "/api/v1/venvs/{name}", 0, &venv_routes::remove);
  add("GET", "/api/v1/venvs/{name}/packages", 0, &venv_routes::packages);
  add("POST", "/api/v1/venvs/{name}/packages", max_body, &venv_routes::install);
}

void venv_routes::ask(const sink_ptr& sink, std::string command, json body, double timeout_s, std::string wanted,
                      std::function<void(message_ptr)> done) {
  ++world_.counters.asks;
  request what;
  what.recipient = address{builder};
  what.command = command;
  what.body = std::move(body);
  what.timeout = seconds(timeout_s);
  world_.actors.ask(std::move(what), [this, sink, command = std::move(command), wanted = std::move(wanted),
                                      done = std::move(done)](message_ptr answer) {
    world_.counters.asks_unanswered += answer->is("timer");
    if (answer->is(wanted)) {
      done(std::move(answer));
    } else if (answer->is("venv_is_absent")) {
      sink->respond(problem(404, "there is no such environment"));
    } else if (answer->is("actor_is_not_found")) {
      sink->respond(problem(503, "there is no builder of environments in this system"));
    } else if (is_refusal(*answer)) {
      const bool in_use = answer->body().is_object() && answer->body().contains("users");
      sink->respond(failure(in_use ? 409 : 422, *answer, command));
    } else {
      sink->respond(problem_of_answer(*answer, command));
    }
  });
}

void venv_routes::list(route_call call) {
  ask(call.sink, "list_venvs", nullptr, look_s, "venvs",
      [sink = call.sink](message_ptr answer) { sink->respond(json_response(200, answer->body())); });
}

void venv_routes::create(route_call call) {
  auto body = object_of(call);
  if (!body) {
    return;
  }
  ask(call.sink, "create_venv", std::move(*body), change_s, "venv_is_created", [sink = call.sink](message_ptr answer) {
    const json& facts = answer->body();
    const bool existed = facts.is_object() && facts.contains("existed") && facts["existed"] == true;
    auto response = json_response(existed ? 200 : 201, facts);
    if (facts.is_object() && facts.contains("name") && facts["name"].is_string()) {
      response.fields.push_back({"Location", "/api/v1/venvs/" + facts["name"].get<std::string>()});
    }
    sink->respond(std::move(response));
  });
}

void venv_routes::show(route_call call) {
  ask(call.sink, "get_venv", json{{"name", call.parts[0]}}, look_s, "venv", [sink = call.sink](message_ptr answer) {
    const json& state = answer->body();
    const bool absent = state.is_object() && state.contains("state") && state["state"] == "absent";
    sink->respond(absent ? problem(404, "there is no such environment") : json_response(200, state));
  });
}

void venv_routes::remove(route_call call) {
  ask(call.sink, "delete_venv", json{{"name", call.parts[0]}}, change_s, "venv_is_deleted",
      [sink = call.sink](message_ptr) { sink->respond(http_response{204, "", "", {}}); });
}

void venv_routes::packages(route_call call) {
  ask(call.sink, "list_spec", json{{"name", call.parts[0]}}, look_s, "packages",
      [sink = call.sink](message_ptr answer) { sink->respond(json_response(200, answer->body())); });
}

void venv_routes::install(route_call call) {
  auto body = object_of(call);
  if (!body) {
    return;
  }
  const auto latest = body->find("latest");
  const bool is_latest = latest != body->end() && *latest == true;
  if (latest != body->end() && !latest->is_boolean()) {
    call.sink->respond(problem(400, "`latest` must be true or false"));
    return;
  }
  body->erase("latest");
  (*body)["name"] = call.parts[0];
  ask(call.sink, is_latest ? "install_latest" : "install", std::move(*body), change_s, "packages_are_installed",
      [sink = call.sink](message_ptr answer) { sink->respond(json_response(200, answer->body())); });
}

} // namespace troupe
