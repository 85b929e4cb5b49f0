#include "tests/system/harness/latency_watch.hpp"

#include <sstream>

namespace system_test {

latency_watch::latency_watch(std::vector<probe> probes) : probes_(std::move(probes)), thread_([this] { watch(); }) {}

latency_watch::~latency_watch() {
  stop();
}

void latency_watch::stop() {
  stopping_ = true;
  if (thread_.joinable()) {
    thread_.join();
  }
}

void latency_watch::watch() {
  while (!stopping_) {
    for (const auto& one : probes_) {
      const auto got = one.ask();
      if (got.took > slowest_) {
        slowest_ = got.took;
        slowest_what_ = one.what;
      }
      if (!got.is(one.wanted)) {
        std::ostringstream text;
        text << one.what << " " << got;
        wrong_.push_back(text.str());
      }
    }
    ++rounds_;
    // sleep: the pause between two rounds of probes
    std::this_thread::sleep_for(2ms);
  }
}

std::vector<latency_watch::probe> everyday_probes(const test_system& system, const std::string& node,
                                                  const std::string& echo) {
  const std::string name = "everyday_" + node;
  return {
    {"create_actor on " + node, "actor_is_created",
     [&system, node, name] { return system.ask(node, "create_actor", actor_body(name, "Echo"), 1s); }},
    {"ask by name of " + name, "here_is", [&system, name] { return system.ask(name, "who", nullptr, 1s); }},
    {"seek_actor", "actor_is_found",
     [&system, name] {
       return system.ask(head_node, "seek_actor", {{"entity", name}}, 1s);
     }},
    {"remove_actor on " + node, "actor_is_removed",
     [&system, node, name] {
       return system.ask(node, "remove_actor", {{"name", name}}, 1s);
     }},
    {"ask of " + echo, "echoed", [&system, echo] { return system.ask(echo, "echo", 1, 1s); }},
  };
}

} // namespace system_test
