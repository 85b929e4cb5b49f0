#include "web/routes/task_routes.hpp"

#include "web/routes/problem.hpp"
#include "runtime/task_id/task_id.hpp"

#include "runtime/text_json/text_json.hpp"

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

constexpr std::size_t max_task_body = 4u << 20;
constexpr std::size_t max_stdin_piece = 16u << 20;

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

/// Does a tree have tasks whose actors were removed, so that what is below them was not reached?
bool has_gaps(const json& tree) {
  if (!tree.is_object() || text_of(tree, "state") == "removed") {
    return true;
  }
  const auto children = tree.find("children");
  return children != tree.end() && children->is_array() && std::ranges::any_of(*children, has_gaps);
}

bool is_over(const json& state) {
  const std::string name = text_of(state, "state");
  return !name.empty() && name != "accepted" && name != "preparing" && name != "queued" && name != "running" &&
         name != "stopping";
}

} // namespace

void task_routes::add_to(route_table& table) {
  const auto add = [&](const char* method, const char* pattern, std::size_t max_body, void (task_routes::*run)(route_call)) {
    table.add({method, pattern, route_access::logged_in, max_body,
               [this, run](route_call call) { (this->*run)(std::move(call)); }});
  };
  add("POST", "/api/v1/tasks", max_task_body, &task_routes::create);
  add("GET", "/api/v1/tasks", 0, &task_routes::list);
  add("POST", "/api/v1/tasks/{id}/rerun", max_task_body, &task_routes::rerun);
  add("GET", "/api/v1/tasks/{id}", 0, &task_routes::state);
  add("DELETE", "/api/v1/tasks/{id}", 0, &task_routes::remove);
  add("POST", "/api/v1/tasks/{id}/stdin", max_stdin_piece, &task_routes::feed);
  add("POST", "/api/v1/tasks/{id}/json", max_task_body, &task_routes::send_json);
  add("GET", "/api/v1/tasks/{id}/tree", 0, &task_routes::tree);
  add("POST", "/api/v1/tasks/{id}/cancel", 4096, &task_routes::cancel);
  add("POST", "/api/v1/tasks/{id}/signal", 4096, &task_routes::signal);
}

void task_routes::ask(address to, std::string command, json body, double timeout_s,
                      std::function<void(message_ptr)> done) {
  ++world_.counters.asks;
  request what;
  what.recipient = std::move(to);
  what.command = std::move(command);
  what.body = std::move(body);
  what.timeout = seconds(timeout_s);
  world_.actors.ask(std::move(what), [this, done = std::move(done)](message_ptr answer) {
    world_.counters.asks_unanswered += answer->is("timer");
    done(std::move(answer));
  });
}

void task_routes::ask_task(const sink_ptr& sink, const std::string& id, std::string command, json body,
                           std::string wanted, std::function<void(message_ptr)> done, std::function<void()> if_gone) {
  if (!is_task_id(id)) {
    sink->respond(problem(404, "there is no task with such an id"));
    return;
  }
  std::string attempted = command + " of task " + id;
  ask(task_name(id), std::move(command), std::move(body), 10,
      [sink, attempted = std::move(attempted), wanted = std::move(wanted), done = std::move(done),
       if_gone = std::move(if_gone)](message_ptr answer) {
        if (answer->is(wanted)) {
          done(std::move(answer));
        } else if (answer->is("actor_is_not_found") && if_gone) {
          if_gone();
        } else if (answer->is("actor_is_not_found")) {
          sink->respond(problem(404, "there is no such task"));
        } else if (answer->is("task_is_rejected")) {
          sink->respond(problem_of_answer(409, *answer, attempted));
        } else {
          sink->respond(problem_of_answer(*answer, attempted));
        }
      });
}

void task_routes::create(route_call call) {
  auto parsed = parse_text_json(call.request.body);
  if (!parsed || !parsed->is_object()) {
    call.sink->respond(problem(400, parsed ? "the body must be a JSON object" : parsed.error().text));
    return;
  }
  auto body = from_text_json(std::move(*parsed));
  if (!body) {
    call.sink->respond(problem(body.error()));
    return;
  }
  launch(std::move(call.sink), std::move(*body), 201);
}

void task_routes::launch(sink_ptr sink, json body, unsigned status) {
  std::string node = world_.actors.node();
  if (const auto found = body.find("node"); found != body.end()) {
    if (!found->is_string() && !found->is_null()) {
      sink->respond(problem(400, "`node` must be the name of a node"));
      return;
    }
    node = found->is_string() ? found->get<std::string>() : node;
    body.erase("node");
  }
  std::string id = new_task_id();
  if (const auto found = body.find("id"); found != body.end() && !found->is_null()) {
    if (!found->is_string() || !is_task_id(found->get_ref<const std::string&>())) {
      sink->respond(problem(400, "`id` must be 1 to 64 letters, digits, `-` or `_`"));
      return;
    }
    id = found->get<std::string>();
  }
  body["id"] = id;
  json wish{{"class_desc", {{"requires_dist", "troupe"}, {"class", "Task"}}}, {"name", task_name(id)}};
  ask(address{node}, "create_actor", std::move(wish), 15,
      [this, sink, node, id, status, body = std::move(body)](message_ptr answer) mutable {
        if (answer->is("actor_is_created")) {
          start(std::move(sink), std::move(node), std::move(id), std::move(body), status);
        } else if (answer->is("actor_is_not_found")) {
          sink->respond(problem(422, "there is no node `" + node + "` to run the task on"));
        } else {
          const std::string attempted = "creating the task on " + node;
          sink->respond(answer->is("actor_is_not_created") ? problem_of_answer(422, *answer, attempted)
                                                           : problem_of_answer(*answer, attempted));
        }
      });
}

void task_routes::start(sink_ptr sink, std::string node, std::string id, json body, unsigned status) {
  ask(task_name(id), "start", std::move(body), 30, [this, sink, node, id, status](message_ptr answer) {
    if (answer->is("task_started") || answer->is("task_is_preparing") || answer->is("task_is_queued")) {
      const json& facts = answer->body();
      json out{{"id", id}, {"name", task_name(id)}, {"node", node}, {"os_pid", nullptr},
               {"state", answer->is("task_started")    ? "running"
                         : answer->is("task_is_queued") ? "queued"
                                                        : "preparing"}};
      if (facts.is_object() && facts.contains("place")) {
        out["place"] = facts["place"];
      }
      if (facts.is_object() && facts.contains("os_pid")) {
        out["os_pid"] = facts["os_pid"];
      }
      auto response = json_response(status, out);
      response.fields.push_back({"Location", "/api/v1/tasks/" + id});
      sink->respond(std::move(response));
      return;
    }
    auto refusal = problem_of_answer(*answer, "starting the task");
    if (answer->is("timer")) {
      sink->respond(problem(504, "it is not known whether task " + id + " started: no answer came in time"));
      return;
    }
    // A task that never ran leaves nothing worth keeping.
    remove_actor(node, id, [sink, refusal](message_ptr) { sink->respond(refusal); });
  });
}

void task_routes::state(route_call call) {
  ask_task(call.sink, call.parts[0], "get_state", nullptr, "task_state",
           [sink = call.sink](message_ptr answer) { sink->respond(json_response(200, answer->body())); },
           from_history(call.sink, call.parts[0], "get_run", "run"));
}

void task_routes::remove_actor(const std::string& node, const std::string& id, std::function<void(message_ptr)> done) {
  ask(address{node}, "remove_actor", json{{"name", task_name(id)}}, 10, std::move(done));
}

void task_routes::remove(route_call call) {
  const std::string id = call.parts[0];
  ask_task(call.sink, id, "get_state", nullptr, "task_state", [this, sink = call.sink, id](message_ptr answer) {
    const json& facts = answer->body();
    const std::string node = text_of(facts, "node");
    if (!is_over(facts) || node.empty()) {
      sink->respond(problem(409, "task " + id + " has not ended; cancel it first"));
      return;
    }
    remove_actor(node, id, [sink](message_ptr removed) {
      sink->respond(removed->is("actor_is_removed") ? http_response{204, "", "", {}}
                                                    : problem_of_answer(*removed, "removing the task"));
    });
  }, from_history(call.sink, id, "get_run", "run", 204));
}

void task_routes::feed(route_call call) {
  const std::string id = call.parts[0];
  const auto* flag = call.request.query_value("close");
  const bool closes = flag != nullptr && (*flag == "true" || *flag == "1" || flag->empty());
  std::string bytes = std::move(call.request.body);
  const std::size_t size = bytes.size();
  if (size == 0 && closes) {
    close_input(call.sink, id, 0);
    return;
  }
  json data = is_utf8(bytes) ? json(std::move(bytes)) : json::binary({bytes.begin(), bytes.end()});
  ask_task(call.sink, id, "write_stdin", json{{"data", std::move(data)}}, "stdin_is_written",
           [this, sink = call.sink, id, size, closes](message_ptr) {
             if (closes) {
               close_input(sink, id, size);
             } else {
               sink->respond(json_response(200, json{{"bytes", size}}));
             }
           });
}

void task_routes::close_input(sink_ptr sink, const std::string& id, std::size_t bytes) {
  ask_task(sink, id, "close_stdin", nullptr, "stdin_is_closed",
           [sink, bytes](message_ptr) { sink->respond(json_response(200, json{{"bytes", bytes}, {"closed", true}})); });
}

void task_routes::send_json(route_call call) {
  auto parsed = parse_text_json(call.request.body);
  auto value = parsed ? from_text_json(std::move(*parsed)) : std::move(parsed);
  if (!value) {
    call.sink->respond(problem(value.error()));
    return;
  }
  ask_task(call.sink, call.parts[0], "send_json", json{{"data", std::move(*value)}}, "json_is_sent",
           [sink = call.sink](message_ptr) { sink->respond(json_response(202, json{{"accepted", true}})); });
}

void task_routes::tree(route_call call) {
  const auto& id = call.parts[0];
  ask_task(call.sink, id, "get_tree", nullptr, "task_tree",
           [this, sink = call.sink, id](message_ptr live) {
             if (!has_gaps(live->body())) {
               sink->respond(json_response(200, live->body()));
               return;
             }
             ask(world_.history, "get_run_tree", json{{"id", id}}, 5, [sink, live](message_ptr kept) {
               sink->respond(json_response(200, kept->is("run_tree") ? kept->body() : live->body()));
             });
           },
           from_history(call.sink, id, "get_run_tree", "run_tree"));
}

void task_routes::cancel(route_call call) {
  const auto* tree = call.request.query_value("tree");
  const bool whole_tree = tree != nullptr && (*tree == "true" || *tree == "1" || tree->empty());
  std::function<void()> gone = [this, sink = call.sink, id = call.parts[0]] {
    ask_history(sink, "get_run", json{{"id", id}}, "run", [sink](message_ptr answer) {
      sink->respond(problem(409, "the task is over: " + text_of(answer->body(), "state")));
    });
  };
  if (whole_tree) { // what is below it may run on
    gone = from_history(call.sink, call.parts[0], "cancel_run_tree", "task_is_stopping", 202);
  }
  ask_task(call.sink, call.parts[0], "cancel", json{{"tree", whole_tree}}, "task_is_stopping",
           [sink = call.sink](message_ptr) { sink->respond(json_response(202, json{{"accepted", true}})); }, gone);
}

void task_routes::signal(route_call call) {
  auto body = parse_text_json(call.request.body);
  if (!body || !body->is_object() || !body->contains("signal")) {
    call.sink->respond(problem(400, "the body must be {\"signal\": a name like \"SIGUSR1\", or a number}"));
    return;
  }
  ask_task(call.sink, call.parts[0], "signal", json{{"signal", (*body)["signal"]}}, "task_is_signalled",
           [sink = call.sink](message_ptr) { sink->respond(json_response(202, json{{"accepted", true}})); });
}

} // namespace troupe
