#pragma once

#include <filesystem>
#include <string>

namespace troupe {

/// A folder in which a test builds package projects as an outside author does: cmake, the compiler, the installed SDK.
class outside_build {
public:
  outside_build();
  outside_build(const outside_build&) = delete;
  outside_build& operator=(const outside_build&) = delete;
  ~outside_build();

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path source() const { return root_ / "source"; }
  std::filesystem::path packages() const { return root_ / "build" / "packages"; }

  void write(const std::string& path, const std::string& text) const;

  /// Configures and builds; true if both worked. What was printed is in `output`.
  bool build();
  /// Runs a shell command.
  bool run(const std::string& command);

  std::string output;

private:
  std::filesystem::path root_;
};

} // namespace troupe
