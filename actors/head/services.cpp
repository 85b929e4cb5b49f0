// The doors to the outside: the gateway, the bridge.
#include "actors/head/head_admin.hpp"

namespace troupe {

namespace {
constexpr seconds step_time{10};
} // namespace

async<std::string> head_admin::start_services() {
  for (const auto& each : ports_.plan.services) {
    if (auto problem = co_await start_service(each); !problem.empty()) {
      co_return problem;
    }
  }
  co_return std::string{};
}

async<std::string> head_admin::start_service(boot_plan::planned_service what) {
  json body = json::object();
  body["class_desc"] = json{{"requires_dist", "troupe"}, {"class", what.class_name}};
  body["name"] = what.actor;
  // It comes back with the main process, but by this function: it has to be started too.
  body["supervision"] = json{{"restart", "temporary"}};
  std::string problem;
  const bool is_there = ports_.books.actors.names().find(what.actor).has_value();
  if (!is_there) {
    request create{address{ports_.plan.main_node(), "troupe.admin"}, "create_actor", body, step_time, {}, {}};
    problem = co_await expect(std::move(create), "actor_is_created");
  }
  if (problem.empty() && !is_there) {
    request params{address{what.actor}, "set_params", params_body(what.params), step_time, {}, {}};
    problem = co_await expect(std::move(params), "params_are_set");
  }
  if (!problem.empty()) {
    co_return what.actor + " cannot be made: " + problem;
  }
  request start{address{what.actor}, "start", nullptr, step_time, {}, {}};
  auto started = co_await ctx().ask(std::move(start));
  if (!started->is("started")) {
    const auto& why = started->body();
    co_return what.actor + " cannot start: " +
      (why.is_object() ? why.value("reason", started->command()) : started->command());
  }
  // Its address comes in a message of its own, which this answer may have overtaken.
  for (int left = 1000; left > 0 && !services_.contains(what.service); --left) {
    co_await ctx().sleep(seconds{0.002});
  }
  co_return std::string{};
}

reply head_admin::service_is_ready(const message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("service") || !body["service"].is_string()) {
    return reply::bad_request("service", "the service's name, with its address");
  }
  services_[body["service"].get<std::string>()] = body;
  if (booted_) {
    ports_.ready(json(services_));
  }
  return {"service_is_noted"};
}

} // namespace troupe
