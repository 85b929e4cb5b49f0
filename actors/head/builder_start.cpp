// The builder of environments and the administrator of applications, which every system has.
#include "actors/head/head_admin.hpp"

#include <algorithm>

namespace troupe {

namespace {
constexpr auto venv_builder_name = "venv_builder";
constexpr auto applications_name = "applications";
constexpr seconds step_time{10};

json standing_actor(const char* class_name, const char* name) {
  json body = json::object();
  body["class_desc"] = json{{"requires_dist", "troupe"}, {"class", class_name}};
  body["name"] = name;
  return body;
}
} // namespace

bool head_admin::is_there(const std::string& name) const {
  const auto is_declared = [&](const auto& planned) { return planned.name == name; };
  return ports_.books.actors.names().find(name).has_value() || std::ranges::any_of(ports_.plan.actors, is_declared);
}

/// It works in the background; a system without it is one whose scripts cannot have environments.
async<> head_admin::start_venv_builder() {
  if (!ports_.plan.venv_builder || is_there(venv_builder_name)) {
    co_return; // it came back, or the config makes one of its own
  }
  request create{address{ports_.plan.main_node(), "troupe.admin"}, "create_actor",
                 standing_actor("VenvBuilder", venv_builder_name), step_time, {}, {}};
  const auto problem = co_await expect(std::move(create), "actor_is_created");
  if (!problem.empty()) {
    ctx().log(log_level::error, "there is no builder of environments: " + problem);
    co_return;
  }
  (void)ctx().send(address{venv_builder_name}, "start", json{{"fresh", !after_crash_}});
}

/// Without it applications can still be used over HTTP, but for their web handlers.
async<> head_admin::start_applications() {
  if (!ports_.plan.applications || is_there(applications_name)) {
    co_return;
  }
  request create{address{ports_.plan.main_node(), "troupe.admin"}, "create_actor",
                 standing_actor("Applications", applications_name), step_time, {}, {}};
  if (const auto problem = co_await expect(std::move(create), "actor_is_created"); !problem.empty()) {
    ctx().log(log_level::error, "there is no administrator of applications: " + problem);
  }
}

} // namespace troupe
