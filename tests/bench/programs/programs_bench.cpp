// What the built programs cost while nothing happens, and how long a system takes to be ready; beside a bare CAF
// program.
#include "tests/bench/support/bare_caf.hpp"
#include "tests/bench/support/bench_line.hpp"
#include "tests/bench/support/own_child.hpp"
#include "tests/system/harness/proc_table.hpp"
#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <thread>
#include <vector>

#include <unistd.h>

namespace {

using namespace bench;
using system_test::json;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using steady = std::chrono::steady_clock;

constexpr auto calm_down = 3s;
constexpr auto idle_time = 20s;

double seconds_since(steady::time_point begin) {
  return std::chrono::duration<double>(steady::now() - begin).count();
}

/// An idle bare CAF program: says that it is up, and ends with its socket.
void be_idle() {
  bare_caf_config config;
  caf::actor_system system{config};
  char byte = 'x';
  if (::write(own_child::number, &byte, 1) == 1) {
    (void)!::read(own_child::number, &byte, 1);
  }
}

double start_bare() {
  const auto begin = steady::now();
  own_child child{{"--bare-idle"}};
  char byte = 0;
  child.read_exactly(&byte, 1);
  return seconds_since(begin) * 1e3;
}

/// From the start of the daemon to its ready file, the main node and the gateway included.
double start_system() {
  system_test::temp_folder folder;
  const auto state = folder.path() / "state";
  const auto config = folder.write("config.json", system_test::make_config().dump());
  fs::create_directories(folder.path() / "rt");
  fs::permissions(folder.path() / "rt", fs::perms::owner_all);
  system_test::program_options options;
  options.argv = system_test::daemon_command(config, state);
  options.environment["XDG_RUNTIME_DIR"] = folder.path() / "rt";
  const auto begin = steady::now();
  system_test::program daemon{options};
  while (!fs::exists(state / "ready.json")) {
    if (daemon.wait_exit(0ms) || seconds_since(begin) > 30) {
      throw std::runtime_error("the system did not get ready: " + daemon.err().text());
    }
    std::this_thread::sleep_for(200us);
  }
  const auto took = seconds_since(begin) * 1e3;
  daemon.signal(SIGTERM);
  daemon.wait_exit(15s);
  return took;
}

struct idle_program {
  std::string name;
  pid_t pid = 0;
  double cpu_before = 0;
  double cpu_percent = 0;
  double rss_mib = 0;
};

std::vector<idle_program> find_programs(const system_test::test_system& system) {
  std::vector<idle_program> all{{"trouped", system.daemon().pid()},
                                {"troupe-node", system.pid_of(system.create_process())},
                                {"main-node", system.pid_of(system_test::head_node)}};
  for (const auto& process : system_test::processes_below_us()) {
    if (process.command.find("troupe-observer") != std::string::npos) {
      all.push_back({"troupe-observer", process.pid});
    }
  }
  return all;
}

void idle_programs() {
  system_test::test_system system;
  const auto run = system.http("POST", "/api/v1/tasks", json{{"command", {"sleep", "600"}}}.dump());
  own_child bare{{"--bare-idle"}};
  char byte = 0;
  bare.read_exactly(&byte, 1);
  auto all = find_programs(system);
  all.push_back({"bare", bare.pid()});
  std::this_thread::sleep_for(calm_down);
  for (auto& one : all) {
    one.cpu_before = cpu_seconds(one.pid);
  }
  const auto begin = steady::now();
  std::this_thread::sleep_for(idle_time);
  const auto time = seconds_since(begin);
  for (auto& one : all) {
    one.cpu_percent = (cpu_seconds(one.pid) - one.cpu_before) / time * 100;
    one.rss_mib = resident_bytes(one.pid) / (1 << 20);
  }
  const auto none = all.back();
  all.pop_back();
  const auto largest = [&](double idle_program::*what) {
    return (*std::max_element(all.begin(), all.end(), [&](auto& a, auto& b) { return a.*what < b.*what; })).*what;
  };
  print_line("idle_cpu_percent", largest(&idle_program::cpu_percent), "% of a core, largest program",
             "bare CAF program", none.cpu_percent);
  print_line("idle_rss_mib", largest(&idle_program::rss_mib), "MiB, largest program", "bare CAF program", none.rss_mib);
  for (const auto& one : all) {
    print_line("idle_cpu_percent_" + one.name, one.cpu_percent, "% of a core", "bare CAF program", none.cpu_percent);
    print_line("idle_rss_mib_" + one.name, one.rss_mib, "MiB", "bare CAF program", none.rss_mib);
  }
  const auto id = json::parse(run.body, nullptr, false);
  if (id.is_object() && id.contains("id")) {
    system.http("POST", "/api/v1/tasks/" + id["id"].get<std::string>() + "/cancel");
  }
}

void run() {
  if (is_wanted("start_ms")) {
    const auto both = measure_in_turn(9, start_system, start_bare);
    print_line("start_ms", both.value, "ms", "bare CAF program", both.baseline);
  }
  if (is_wanted("idle_cpu_percent") || is_wanted("idle_rss_mib")) {
    idle_programs();
  }
}

} // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--bare-idle") {
    be_idle();
    return 0;
  }
  set_wanted(argc, argv);
  testing::InitGoogleTest();
  try {
    run();
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "programs_bench: %s\n", problem.what());
    return 1;
  }
  return testing::Test::HasFailure() ? 1 : 0;
}
