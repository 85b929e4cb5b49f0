#pragma once

#include "tests/process/bridge/bridge_client.hpp"
#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <string>

namespace system_test {

/// A system with a bridge on a free port, and the application of `app/` copied where it may be written to.
class Scripts : public testing::Test {
protected:
  Scripts();

  struct ended_run {
    std::string id;
    std::string out;
    std::string err;
    json state;
  };

  /// Starts a script of the application.
  std::string start(const std::string& script, const json& params = json::object(), const json& more = json::object());
  /// Starts it and follows it to its end, which must be a good one.
  ended_run run(const std::string& script, const json& params = json::object());
  ended_run follow(const std::string& id);

  /// A client of the bridge for a task; waits until the task is there.
  troupe::bridge_client connect(const std::string& pid) const;
  std::uint16_t bridge_port() const;
  json tree_of(const std::string& pid) const;
  /// What the task printed so far.
  std::string printed_by(const std::string& pid) const;
  /// Puts packages into the application, from the index that pip is set up with. False, with the reason, without one.
  bool install(const std::string& requirement, std::string& reason) const;

  test_system system_;
  std::filesystem::path app_;
};

} // namespace system_test
