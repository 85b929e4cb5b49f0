#include "tests/system/tasks/runs_in_a_row.hpp"

#include "tests/system/harness/proc_table.hpp"
#include "tests/system/tasks/task_runs.hpp"

#include <gtest/gtest.h>

namespace system_test {

namespace {

constexpr int first_runs = 60;
/// The allocator keeps up to some 30 MiB of what runs that go on at once have used; a leak of 4 KiB a run is above this in the
/// long run only (the soak).
constexpr long most_growth_kib = 40 * 1024;

struct usage {
  long node_kib = 0;
  long daemon_kib = 0;
  std::size_t node_descriptors = 0;
  std::size_t daemon_descriptors = 0;
  std::size_t processes = 0;
};

std::ostream& operator<<(std::ostream& out, const usage& what) {
  return out << "node " << what.node_kib << " KiB, " << what.node_descriptors << " descriptors; daemon " << what.daemon_kib
             << " KiB, " << what.daemon_descriptors << " descriptors; " << what.processes << " processes";
}

usage usage_of(const test_system& system) {
  const auto node = system.pid_of(head_node);
  const auto daemon = system.daemon().pid();
  return {resident_kib(node), resident_kib(daemon), open_descriptors(node).size(), open_descriptors(daemon).size(),
          processes_below_us().size()};
}

void run_some(const test_system& system, int count) {
  for (int i = 0; i < count && !testing::Test::HasFatalFailure(); ++i) {
    const auto id = start_task(system, {{"command", {"/bin/echo", std::to_string(i)}}}).id;
    ASSERT_NE(id, "");
    const auto output = follow_output(system, id); // also when its actor is gone already
    ASSERT_EQ(output.out, std::to_string(i) + "\n");
    ASSERT_EQ(output.end.value("state", ""), "succeeded") << output.end;
  }
}

/// Until the actors of ended runs are gone.
void settle(const test_system& system) {
  json left;
  EXPECT_TRUE(eventually(60s, [&] {
    left = json::parse(system.http("GET", "/api/v1/tasks?limit=1000").body, nullptr, false)["tasks"];
    return std::ranges::none_of(left, [](const json& task) { return task.value("has_actor", true); });
  })) << left.dump(1).substr(0, 2'000);
}

} // namespace

void run_in_a_row(const test_system& system, int count) {
  run_some(system, first_runs);
  settle(system);
  const auto before = usage_of(system);
  run_some(system, count);
  settle(system);
  usage after;
  EXPECT_TRUE(eventually(20s, [&] {
    after = usage_of(system);
    return after.processes == before.processes && after.node_descriptors <= before.node_descriptors + 2 &&
           after.daemon_descriptors <= before.daemon_descriptors + 2 && after.node_kib < before.node_kib + most_growth_kib &&
           after.daemon_kib < before.daemon_kib + most_growth_kib;
  })) << "before: " << before << "\nafter: " << after;
  std::cout << "before: " << before << "\nafter:  " << after << std::endl;
}

} // namespace system_test
