// How fast a real system (the built daemon and nodes) makes actors and processes, as an actor of a user sees it, and
// what an idle actor takes; beside bare CAF actors and a bare CAF process.
#include "tests/bench/creation/bare_creation.hpp"
#include "tests/bench/support/bench_line.hpp"
#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace bench;
using system_test::json;
using namespace std::chrono_literals;

constexpr auto patience = 300s;
constexpr std::uint64_t batch = 10'000;

/// A system whose `creator` lives in a process of its own.
class creating_system {
public:
  creating_system() {
    system_.create_actor(system_.create_process(), "creator", "Creator", "bench_actors");
    target_ = system_.create_process();
    // What the first actor of a package costs a node is not the actor's.
    create(batch);
  }

  /// Gives actors a second.
  double create(std::uint64_t count) const {
    const auto made =
      ask("create_actors", json{{"node", target_}, {"count", count}, {"batch", std::min(batch, count)}});
    return made.at("count").get<double>() / made.at("seconds").get<double>();
  }

  std::vector<double> create_processes(int count) const {
    return ask("create_processes", json{{"count", count}}).at("seconds").get<std::vector<double>>();
  }

  pid_t target_pid() const { return system_.pid_of(target_); }
  pid_t daemon_pid() const { return system_.daemon().pid(); }

private:
  json ask(const char* command, const json& body) const {
    const auto got = system_.ask("creator", command, body, patience);
    if (!got.is("created")) {
      throw std::runtime_error(got.problem + got.message.dump());
    }
    return got.body;
  }

  system_test::test_system system_;
  std::string target_;
};

void actor_rate() {
  constexpr std::uint64_t count = 100'000;
  const auto both = measure_in_turn(
    5, [] { return creating_system{}.create(count); }, [] { return spawn_bare_actors(count).per_second; });
  print_line("create_actors", both.value, "actors/s", "bare CAF spawn", both.baseline);
}

void actor_memory(std::string_view name, std::string_view of_directory, std::uint64_t count) {
  const creating_system ours;
  const auto node_before = resident_bytes(ours.target_pid());
  const auto daemon_before = resident_bytes(ours.daemon_pid());
  ours.create(count);
  const auto each = (resident_bytes(ours.target_pid()) - node_before) / static_cast<double>(count);
  const auto entry = (resident_bytes(ours.daemon_pid()) - daemon_before) / static_cast<double>(count);
  const auto bare = spawn_bare_actors(count).bytes_each;
  print_line(name, each, "bytes", "bare CAF actor", bare);
  print_line(of_directory, entry, "bytes", "bare CAF actor", bare);
}

void process_time() {
  std::vector<double> own;
  std::vector<double> bare;
  const creating_system ours;
  (void)ours.create_processes(3);
  for (int round = 0; round < 25; ++round) {
    bare.push_back(start_bare_process() * 1e3);
    own.push_back(ours.create_processes(1).front() * 1e3);
  }
  print_line("create_process_p50_ms", median(own), "ms", "bare CAF process that answers", median(bare));
}

void run() {
  if (is_wanted("create_process_p50_ms")) {
    process_time();
  }
  if (is_wanted("create_actors")) {
    actor_rate();
  }
  if (is_wanted("actor_bytes_1e5")) {
    actor_memory("actor_bytes_1e5", "directory_bytes_1e5", 100'000);
  }
  if (is_wanted("actor_bytes_1e6")) {
    actor_memory("actor_bytes_1e6", "directory_bytes_1e6", 1'000'000);
  }
}

} // namespace

int main(int argc, char** argv) {
  if (run_as_bare_program(argc, argv)) {
    return 0;
  }
  set_wanted(argc, argv);
  testing::InitGoogleTest();
  try {
    run();
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "creation_bench: %s\n", problem.what());
    return 1;
  }
  return testing::Test::HasFailure() ? 1 : 0;
}
