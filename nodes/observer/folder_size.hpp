#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace troupe {

/// Adds up what a folder takes on its disk, some files at a time, so that a large one holds nobody up. Files that come or
/// go meanwhile may be missed.
class folder_size {
public:
  explicit folder_size(std::string folder) : folder_(std::move(folder)) {}

  /// Looks at some more files; the bytes when it has seen all, and then begins anew.
  std::optional<std::uint64_t> step();

private:
  std::string folder_;
  std::filesystem::recursive_directory_iterator at_;
  bool is_under_way_ = false;
  std::uint64_t bytes_ = 0;
};

} // namespace troupe
