#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>

namespace {

using namespace system_test;

/// Targets that come and go on changing nodes, and what is known about them outside of the system.
class shifting_targets {
public:
  shifting_targets(const test_system& system, std::vector<std::string> nodes, unsigned seed)
      : system_(system), nodes_(std::move(nodes)), random_(seed) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      system_.create_actor(nodes_[i], "inspector_" + std::to_string(i), "Echo");
    }
  }

  void step() {
    const std::string target = "target_" + std::to_string(any(3));
    if (any(3) == 0) {
      look_from(any(nodes_.size()), target);
      return;
    }
    if (present_.count(target) == 0) {
      create(target, nodes_[any(nodes_.size())]);
    } else {
      remove(target);
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      look_from(i, target);
    }
  }

private:
  std::size_t any(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); }

  void create(const std::string& target, const std::string& node) {
    const auto got = system_.ask(node, "create_actor", actor_body(target, "Echo"));
    ASSERT_EQ(got.command, "actor_is_created") << target << " on " << node << " " << got;
    present_[target] = node;
    if (std::find(places_[target].begin(), places_[target].end(), node) == places_[target].end()) {
      places_[target].push_back(node);
    }
  }

  void remove(const std::string& target) {
    const auto got = system_.ask(present_[target], "remove_actor", {{"name", target}});
    ASSERT_EQ(got.command, "actor_is_removed") << target << " at " << present_[target] << " " << got;
    present_.erase(target);
  }

  /// By the bare name, and by every full address that the target ever had.
  void look_from(std::size_t inspector, const std::string& target) {
    look(inspector, target, target);
    for (const auto& node : places_[target]) {
      look(inspector, {{"node", node}, {"entity", target}}, target);
    }
  }

  void look(std::size_t inspector, const json& address, const std::string& target) {
    const auto got = system_.ask("inspector_" + std::to_string(inspector), "forward_ask",
                                 {{"to", address}, {"command", "who"}, {"timeout", 2}});
    ASSERT_EQ(got.command, "forwarded") << got;
    const auto place = present_.find(target);
    const std::string where = " asked from " + nodes_[inspector] + " as " + address.dump();
    if (place == present_.end()) {
      ASSERT_EQ(got.body.at("command"), "actor_is_not_found") << where << got;
    } else {
      ASSERT_EQ(got.body.at("command"), "here_is") << "it lives at " << place->second << where << got;
      ASSERT_EQ(got.body.at("body").at("node"), place->second) << where << got;
    }
  }

  const test_system& system_;
  std::vector<std::string> nodes_;
  std::mt19937 random_;
  std::map<std::string, std::string> present_;
  std::map<std::string, std::vector<std::string>> places_;
};

TEST(AT2CacheCoherence, NoNodeEverActsOnAStalePlace) {
  const char* given = std::getenv("SYSTEM_TEST_SEED");
  const unsigned seed = given != nullptr ? static_cast<unsigned>(std::atoi(given)) : std::random_device{}();
  SCOPED_TRACE("SYSTEM_TEST_SEED=" + std::to_string(seed));
  std::printf("SYSTEM_TEST_SEED=%u\n", seed);
  test_system system;
  std::vector<std::string> nodes{head_node};
  for (int i = 0; i < 4; ++i) {
    nodes.push_back(system.create_process());
  }
  shifting_targets targets(system, nodes, seed);
  for (int i = 0; i < 200 && !testing::Test::HasFatalFailure(); ++i) {
    SCOPED_TRACE("step " + std::to_string(i));
    targets.step();
  }
}

} // namespace
