#include "web/routes/health_routes.hpp"

#include "web/routes/problem.hpp"

namespace troupe {
namespace {

request to_head(const web_world& world, std::string command, double timeout_s) {
  request what;
  what.recipient = address{world.actors.head()};
  what.command = std::move(command);
  what.timeout = seconds(timeout_s);
  return what;
}

} // namespace

void health_routes::add_to(route_table& table) {
  table.add({"GET", "/healthz", route_access::everybody, 0,
             [](route_call call) { call.sink->respond(json_response(200, json{{"status", "ok"}})); }});
  table.add({"GET", "/readyz", route_access::everybody, 0, [this](route_call call) { ready(std::move(call)); }});
  table.add({"GET", "/api/v1/status", route_access::logged_in, 0, [this](route_call call) { status(std::move(call)); }});
}

void health_routes::ready(route_call call) {
  ++world_.counters.asks;
  world_.actors.ask(to_head(world_, "get_all_nodes", 2), [sink = call.sink](message_ptr answer) {
    if (answer->is("all_nodes")) {
      sink->respond(json_response(200, json{{"status", "ready"}}));
    } else {
      sink->respond(problem(503, "the head of the system does not answer"));
    }
  });
}

void health_routes::status(route_call call) {
  world_.counters.asks += 2;
  world_.actors.ask(to_head(world_, "get_all_nodes", 4), [this, sink = call.sink](message_ptr nodes) {
    if (!nodes->is("all_nodes")) {
      sink->respond(problem_of_answer(503, *nodes, "asking the head for its nodes"));
      return;
    }
    world_.actors.ask(to_head(world_, "get_services", 2), [this, sink, nodes](message_ptr services) {
      json body{{"system", world_.actors.system()},
                {"version", world_.version},
                {"head", world_.actors.head()},
                {"nodes", nodes->body()},
                {"services", {{"api", world_.address}}}};
      if (services->is("services") && services->body().is_object()) {
        body["services"].update(services->body());
      }
      sink->respond(json_response(200, body));
    });
  });
}

} // namespace troupe
