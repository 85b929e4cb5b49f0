#pragma once

#include <runtime/applications/application_store.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace troupe {

/// A store in a folder of its own.
class Applications : public ::testing::Test {
protected:
  Applications() {
    char name[] = "/tmp/troupe-applications-XXXXXX";
    folder_ = ::mkdtemp(name);
    std::ofstream(folder_ / "outside.py") << "secret";
  }
  ~Applications() override { std::filesystem::remove_all(folder_); }

  /// The id of a new application.
  std::string create(const std::string& name = "App") {
    const auto made = store_().create(name);
    EXPECT_TRUE(made) << made.error().text;
    return made ? made->id : "";
  }
  void write(const std::string& id, const std::string& path, const std::string& content) const {
    const auto written = store_().write_file(id, path, content);
    EXPECT_TRUE(written) << written.error().text;
  }
  std::filesystem::path folder_of(const std::string& id) const { return store_().get(id)->folder; }
  std::string content_of(const std::filesystem::path& file) const {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }

  application_store store_() const { return application_store(folder_ / "applications"); }

  std::filesystem::path folder_;
};

} // namespace troupe
