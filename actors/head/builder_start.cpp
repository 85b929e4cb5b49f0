// The builder of environments, which every system has.
#include "actors/head/head_admin.hpp"

#include <algorithm>

namespace troupe {

namespace {
constexpr auto venv_builder_name = "venv_builder";
constexpr seconds step_time{10};
} // namespace

/// It works in the background; a system without it is one whose scripts cannot have environments.
async<> head_admin::start_venv_builder() {
  const auto is_declared = [](const auto& planned) { return planned.name == venv_builder_name; };
  if (!ports_.plan.venv_builder || ports_.books.actors.names().find(venv_builder_name) ||
      std::ranges::any_of(ports_.plan.actors, is_declared)) {
    co_return; // it came back, or the config makes one of its own
  }
  json body = json::object();
  body["class_desc"] = json{{"requires_dist", "troupe"}, {"class", "VenvBuilder"}};
  body["name"] = venv_builder_name;
  request create{address{ports_.plan.main_node(), "troupe.admin"}, "create_actor", std::move(body), step_time, {}, {}};
  const auto problem = co_await expect(std::move(create), "actor_is_created");
  if (!problem.empty()) {
    ctx().log(log_level::error, "there is no builder of environments: " + problem);
    co_return;
  }
  (void)ctx().send(address{venv_builder_name}, "start", json{{"fresh", !after_crash_}});
}

} // namespace troupe
