#pragma once

#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <set>

namespace system_test {

/// What `get_status` says of one node; null if it is not listed.
inline json node_status(const test_system& system, const std::string& node) {
  const auto got = system.ask(head_node, "get_status");
  if (got.body.is_object()) {
    for (const auto& one : got.body.value("nodes", json::array())) {
      if (one.at("node") == node) {
        return one;
      }
    }
  }
  return nullptr;
}

inline std::string node_state(const test_system& system, const std::string& node) {
  const auto status = node_status(system, node);
  return status.is_object() ? status.at("state").get<std::string>() : "";
}

/// Kills the process of a node and waits until it is up again.
inline void kill_and_await(const test_system& system, const std::string& node) {
  const auto before = node_status(system, node);
  ASSERT_TRUE(before.is_object()) << node;
  ASSERT_EQ(kill(before.at("pid").get<pid_t>(), SIGKILL), 0);
  EXPECT_TRUE(eventually(8s, [&] {
    const auto now = node_status(system, node);
    return now.is_object() && now.at("state") == "up" && now.at("restarts") > before.at("restarts");
  })) << node_status(system, node).dump();
}

/// Waits until the head has seen the death of a process that was killed.
inline void kill_until(const test_system& system, const std::string& node, const std::string& state) {
  const auto before = node_status(system, node);
  ASSERT_TRUE(before.is_object()) << node;
  ASSERT_EQ(kill(before.at("pid").get<pid_t>(), SIGKILL), 0);
  EXPECT_TRUE(eventually(8s, [&] { return node_state(system, node) == state; })) << node_status(system, node).dump();
}

inline std::string create_process(const test_system& system, const json& body) {
  const auto got = system.ask(head_node, "create_process", body, 10s);
  EXPECT_EQ(got.command, "actor_is_created") << got;
  return got.body.is_object() ? got.body.value("node", std::string()) : std::string();
}

/// What an actor's node tells the head after a change of its state.
inline void keep_checkpoint(const test_system& system, const std::string& actor, const json& params) {
  const auto got = system.ask({{"node", "first.main.daemon"}, {"entity", "troupe.directory"}}, "keep_checkpoint",
                              {{"name", actor}, {"epoch", nullptr}, {"checkpoint", {{"params", params}, {"state", nullptr}}}});
  EXPECT_EQ(got.command, "checkpoint_is_kept") << got;
}

inline json count_of(const test_system& system, const std::string& counter) {
  const auto got = system.ask(counter, "get", nullptr, 8s);
  return got.is("count") ? got.body.at("value") : json(got.command + " " + got.body.dump());
}

} // namespace system_test
