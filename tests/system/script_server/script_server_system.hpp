#pragma once

#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace system_test {

/// A system with a script server on a free port, whose scripts need no environment.
class ScriptServer : public testing::Test {
protected:
  explicit ScriptServer(const json& settings = json::object());

  const gateway_address& place() const noexcept { return place_; }
  std::filesystem::path folder() const { return system_.state_dir() / "scripts"; }

  /// Without the token, as a program of the own user.
  http_answer call(std::string_view method, std::string_view target, std::string_view body = {},
                   std::map<std::string, std::string> headers = {}) const;
  /// Stores a script and expects that it worked.
  void store(const std::string& name, const std::string& code, json more = json::object()) const;
  json run(const std::string& name, const json& body = json::object(), std::map<std::string, std::string> headers = {}) const;

  test_system system_;
  gateway_address place_;
};

/// A Python that knows nested quotes in f-strings (3.12 and later); empty if there is none.
std::string modern_python();

std::uint16_t free_port();

/// The lines of a file.
std::vector<std::string> lines_of(const std::filesystem::path& file);

} // namespace system_test
