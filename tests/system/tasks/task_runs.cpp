#include "tests/system/tasks/task_runs.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

namespace system_test {

task_run start_task(const test_system& system, const json& body) {
  const auto got = system.http("POST", "/api/v1/tasks", body.dump());
  EXPECT_EQ(got.status, 201) << got.body;
  if (got.status != 201) {
    return {};
  }
  const json started = json::parse(got.body, nullptr, false);
  EXPECT_NE(got.header("Location").find(started.value("id", "?")), std::string::npos) << got.header("Location");
  return {started.value("id", ""), started.value("name", ""), started};
}

task_output follow_output(const test_system& system, const std::string& id, milliseconds limit) {
  task_output out;
  auto call = system.call("GET", "/api/v1/tasks/" + id + "/output?from=0&follow=true");
  call.limit = limit;
  const auto got = http_lines(system.gateway(), call, [&out](std::string_view line) {
    auto record = json::parse(line, nullptr, false);
    if (record.is_object() && record.contains("end")) {
      out.end = record["end"];
      return false;
    }
    const auto stream = record.value("stream", "");
    if (stream != "note" && record.contains("data") && record["data"].is_string()) {
      (stream == "stderr" ? out.err : out.out) += record["data"].get<std::string>();
    }
    out.records.push_back(std::move(record));
    return true;
  });
  EXPECT_EQ(got.status, 200) << got.body;
  return out;
}

json final_state(const test_system& system, const std::string& id, milliseconds limit) {
  json state;
  const bool ended = eventually(limit, [&] {
    state = json::parse(system.http("GET", "/api/v1/tasks/" + id).body, nullptr, false);
    const auto name = state.is_object() ? state.value("state", "") : "";
    return name != "" && name != "accepted" && name != "preparing" && name != "queued" && name != "running" && name != "stopping";
  });
  EXPECT_TRUE(ended) << "the last state: " << state;
  return state;
}

std::string own_sleep() {
  return "sleep 100." + std::to_string(getpid());
}

} // namespace system_test
