#pragma once

#include <troupe/result.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace troupe {

/// Reads and checks the files of one package folder. The folder itself may be a symbolic link (somebody with access to
/// the package folders put it there); inside of it links, devices and pipes are refused.
class package_files {
public:
  explicit package_files(std::filesystem::path folder) : folder_(std::move(folder)) {}

  const std::filesystem::path& folder() const noexcept { return folder_; }

  /// The text of the manifest, at most 4 MiB.
  result<std::string> read_manifest() const;

  /// SHA-256 in lower-case hex. `path` is relative, of plain names (as `parse_manifest` lets through).
  result<std::string> sha256(std::string_view path) const;

  /// What changes when a file is replaced or written to: for deciding whether a check must be repeated.
  std::string signature(std::string_view path) const;

private:
  std::filesystem::path folder_;
};

} // namespace troupe
