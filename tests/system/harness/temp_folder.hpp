#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace system_test {

/// A folder with a short path (unix sockets end at 107 bytes) that is removed with the object. It is kept if the test
/// has failed and `SYSTEM_TEST_KEEP` is set.
class temp_folder {
public:
  temp_folder();
  ~temp_folder();
  temp_folder(const temp_folder&) = delete;
  temp_folder& operator=(const temp_folder&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  /// Writes a file below the folder (folders on the way are made) and returns its path.
  std::filesystem::path write(std::string_view relative, std::string_view text, bool executable = false) const;

private:
  std::filesystem::path path_;
};

/// The whole file, empty if it cannot be read.
std::string read_text(const std::filesystem::path& file);

} // namespace system_test
