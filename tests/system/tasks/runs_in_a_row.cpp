#include "tests/system/tasks/runs_in_a_row.hpp"

#include "tests/system/harness/proc_table.hpp"
#include "tests/system/tasks/task_runs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <set>

namespace system_test {

namespace {

constexpr int first_runs = 60;
/// The allocator keeps and gives back some MiB as it likes: how low memory comes within a stretch of runs says more than what
/// it is at one moment, and the length of lists more than memory in a short row of runs.
constexpr long most_growth_kib = 40 * 1024;
constexpr long most_lasting_growth_kib = 4 * 1024;
constexpr long most_more_entries = 25;
constexpr int stretch = 1'000;
constexpr int samples = 8;

struct usage {
  long node_kib = 0;
  long daemon_kib = 0;
  json node_entries;   ///< the length of each list that the process keeps
  json daemon_entries;
  std::size_t node_descriptors = 0;
  std::size_t daemon_descriptors = 0;
  std::size_t processes = 0;
};

std::ostream& operator<<(std::ostream& out, const usage& what) {
  return out << "node " << what.node_kib << " KiB, " << what.node_descriptors << " descriptors; daemon " << what.daemon_kib
             << " KiB, " << what.daemon_descriptors << " descriptors; " << what.processes << " processes; in the node "
             << what.node_entries << ", in the daemon " << what.daemon_entries;
}

const std::set<std::string> lists{"actors", "asks_waiting", "routes", "links", "messages_unconfirmed"};

json lists_in(const json& metrics) {
  json out = json::object();
  for (const auto& name : lists) {
    out[name] = metrics.value(name, -1);
  }
  return out;
}

json entries_of_node(const test_system& system) { return lists_in(system.ask(head_node, "get_metrics").body); }
json entries_of_daemon(const test_system& system) {
  return lists_in(system.ask(head_node, "get_status").body.value("metrics", json::object()));
}

bool has_grown(const json& before, const json& after) {
  return std::ranges::any_of(lists, [&](const auto& name) {
    return after.value(name, -1) < 0 || after.value(name, 0) > before.value(name, 0) + most_more_entries;
  });
}

usage usage_of(const test_system& system) {
  const auto node = system.pid_of(head_node);
  const auto daemon = system.daemon().pid();
  return {resident_kib(node), resident_kib(daemon), entries_of_node(system), entries_of_daemon(system), open_descriptors(node).size(), open_descriptors(daemon).size(),
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

/// The lowest that memory comes to in a stretch of runs.
usage low_water(const test_system& system) {
  usage lowest;
  for (int i = 0; i < samples; ++i) {
    run_some(system, stretch / samples);
    const auto now = usage_of(system);
    lowest = i == 0 ? now : lowest;
    lowest.node_kib = std::min(lowest.node_kib, now.node_kib);
    lowest.daemon_kib = std::min(lowest.daemon_kib, now.daemon_kib);
  }
  return lowest;
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
  if (count >= 4 * stretch) {
    run_some(system, stretch);
    const auto early = low_water(system);
    run_some(system, count - 3 * stretch);
    const auto late = low_water(system);
    EXPECT_LT(late.node_kib, early.node_kib + most_lasting_growth_kib) << early << "\n" << late;
    EXPECT_LT(late.daemon_kib, early.daemon_kib + most_lasting_growth_kib) << early << "\n" << late;
  } else {
    run_some(system, count);
  }
  settle(system);
  usage after;
  EXPECT_TRUE(eventually(20s, [&] {
    after = usage_of(system);
    return after.processes == before.processes && after.node_descriptors <= before.node_descriptors + 2 &&
           after.daemon_descriptors <= before.daemon_descriptors + 2 && after.node_kib < before.node_kib + most_growth_kib &&
           after.daemon_kib < before.daemon_kib + most_growth_kib && !has_grown(before.node_entries, after.node_entries) &&
           !has_grown(before.daemon_entries, after.daemon_entries);
  })) << "before: " << before << "\nafter: " << after;
  std::cout << "before: " << before << "\nafter:  " << after << std::endl;
}

} // namespace system_test
