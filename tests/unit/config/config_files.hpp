#pragma once

#include "runtime/config/settings.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace troupe {

/// A test with a folder for config files, and a request that sees nothing of the machine.
class ConfigTest : public testing::Test {
protected:
  ConfigTest() {
    std::string name = (std::filesystem::temp_directory_path() / "troupe-config-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    request_.environment["HOME"] = "/home/ada";
    request_.program_dir = "/opt/troupe/bin";
    request_.current_dir = "/somewhere";
  }
  ~ConfigTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  void given_file(const std::string& text) { request_.files.push_back(write("system.json", text)); }

  settings load() {
    auto loaded = load_settings(request_);
    EXPECT_TRUE(loaded) << loaded.error().text;
    return loaded ? *loaded : settings{};
  }

  /// The text of the error, with the test's folder cut out.
  std::string problem() {
    const auto loaded = load_settings(request_);
    if (loaded) {
      ADD_FAILURE() << "the configuration was accepted";
      return {};
    }
    auto text = loaded.error().text;
    const auto prefix = folder_.string() + "/";
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
      text.erase(at, prefix.size());
    }
    return text;
  }

  std::filesystem::path folder_;
  load_request request_;
};

} // namespace troupe
