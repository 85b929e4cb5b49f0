#pragma once

#include "runtime/packages/manifest.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// A folder `<name>-<version>` in one of the package folders. Its name is a claim: the manifest inside must confirm it.
struct package_place {
  std::string name;   ///< as in the folder's name
  std::string normal; ///< as `normal_package_name` gives it
  version number;
  std::filesystem::path folder;
};

/// What the package folders hold; those that do not exist hold nothing. Of one version in several of them, only the
/// first counts. Sorted by name, and by version from high to low.
std::vector<package_place> find_packages(const std::vector<std::filesystem::path>& folders);

/// The manifest of a place, checked against the folder's name. Fails with `package_error`.
result<manifest> read_manifest(const package_place& place);

/// One line of `troupe pkg list`.
struct package_entry {
  std::string name;
  std::string version;
  std::filesystem::path folder;
  manifest facts;      ///< empty if it could not be read
  std::string problem; ///< empty: usable
};

/// All installed packages and what is wrong with them, without loading any. With `check_files` every hash is computed.
std::vector<package_entry> list_packages(const std::vector<std::filesystem::path>& folders, std::string_view abi,
                                         bool check_files);

/// Compares every file with the manifest. Fails with `package_error` at the first that differs.
result<> check_files(const std::filesystem::path& folder, const manifest& facts);

} // namespace troupe
