#pragma once

#include <troupe/result.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace troupe {

/// A file of a new project, with its path below the project's folder.
struct project_file {
  std::string path;
  std::string text;
};

/// What the new project is made from.
struct package_template_options {
  std::string name;                ///< of the package, as a user gave it
  std::filesystem::path sdk;       ///< where the SDK is installed; empty: the author will say so to CMake
  std::filesystem::path packages;  ///< the package folder that the README names for the installation; may be empty
  std::string sdk_version = "0.1"; ///< for find_package
};

/// The files of a package project with one actor, its test and a README; it builds as it is. Fails with `bad_request`
/// if the name cannot be a package's. Touches nothing.
result<std::vector<project_file>> package_project(const package_template_options& options);

/// Writes the files below `folder`, which is made if needed and must be empty: `conflict` otherwise. `io_error` if the
/// system refuses; what was written until then stays.
result<> write_project(const std::filesystem::path& folder, const std::vector<project_file>& files);

} // namespace troupe
