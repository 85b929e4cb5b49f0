#include "tests/system/move_world/move_world.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace system_test {

json class_of(const std::string& package, const std::string& class_name) {
  return {{"requires_dist", package}, {"class", class_name}};
}

bool is_not_yet(const answer& what) {
  return what.is("actor_is_not_recreated") && field(what, "reason", std::string()).find("pass") != std::string::npos;
}

move_world::move_world(const move_options& options) {
  std::filesystem::create_directories(histories());
  system_options how;
  how.config = options.config;
  if (options.records) {
    how.environment["TROUPE_TEST_HISTORY"] = histories();
  }
  system_ = std::make_unique<test_system>(std::move(how));
  nodes_.push_back(head_node);
  for (int i = 0; i < options.processes; ++i) {
    nodes_.push_back(system_->create_process());
  }
}

void move_world::create(const std::string& name, const std::string& class_name, const std::string& node,
                        const std::string& package) const {
  system_->create_actor(node, name, class_name, package);
}

answer move_world::move(const std::string& name, const json& to, const std::string& admin, const json& class_desc,
                        milliseconds limit) const {
  json body{{"entity", name}};
  if (!to.is_null()) {
    body["node"] = to;
  }
  if (!class_desc.is_null()) {
    body["class_desc"] = class_desc;
  }
  return system_->ask(admin, "recreate_actor", body, limit);
}

void move_world::must_move(const std::string& name, const json& to, const std::string& admin,
                           const json& class_desc) const {
  answer got;
  eventually(10s, [&] {
    got = move(name, to, admin, class_desc);
    return !is_not_yet(got);
  });
  EXPECT_EQ(got.command, "actor_is_recreated") << name << " to " << to << ": " << got;
}

json move_world::where(const json& actor) const {
  const auto got = system_->ask(actor, "where");
  EXPECT_EQ(got.command, "here") << actor << ": " << got;
  return got.is("here") ? got.body : json();
}

std::vector<std::string> move_world::places(const std::string& name) const {
  std::vector<std::string> out;
  for (const auto& node : nodes_) {
    // The main node's own actors answer to its node's name; what lives in the daemon does not move.
    const auto got = system_->ask(node, "find_actor", {{"entity", name}}, 3s);
    if (got.is("actor_is_found")) {
      out.push_back(field(got, "node", std::string("?")));
    }
  }
  return out;
}

history::verdict move_world::judge(const history::check_options& how) const {
  return history::check(history::read_folder(histories()), how);
}

history::verdict move_world::end_and_judge(const history::check_options& how) {
  const auto state = system_->quit();
  EXPECT_TRUE(state && *state == (exit_state{false, 0})) << to_string(state);
  return judge(how);
}

} // namespace system_test
