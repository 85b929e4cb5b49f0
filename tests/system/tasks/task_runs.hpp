#pragma once

#include "tests/system/harness/test_system.hpp"

#include <string>
#include <vector>

namespace system_test {

/// A task as a client of the gateway sees it.
struct task_run {
  std::string id;
  std::string name;
  json started; ///< the whole answer of POST /api/v1/tasks
};

/// Starts a task; a failure of the test and an empty id if it was refused.
task_run start_task(const test_system& system, const json& body);

struct task_output {
  std::string out;
  std::string err;
  json end; ///< the state in the last line
  std::vector<json> records;
};

/// Follows a task's output to its end.
task_output follow_output(const test_system& system, const std::string& id, milliseconds limit = 20'000ms);

/// Waits for the end and returns the state.
json final_state(const test_system& system, const std::string& id, milliseconds limit = 20'000ms);

/// `sleep <long>` with a number that no other test program on this machine uses, to be found in the process table.
std::string own_sleep();

} // namespace system_test
