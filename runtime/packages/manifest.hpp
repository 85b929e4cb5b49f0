#pragma once

#include "runtime/packages/version.hpp"

#include <troupe/json.hpp>
#include <troupe/result.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// The one file of a package that is not listed in it.
inline constexpr std::string_view manifest_file_name = "manifest.json";

/// What the author's build wrote about one class; for people and the console, the library's own table decides.
struct manifest_class {
  std::string name;
  std::string doc;
  json commands = json::array(); ///< `[{name, doc}]`
  json params = json::array();   ///< `[{name, type, doc}]`
};

/// The facts about one package: `manifest.json` in the folder `<name>-<version>`.
struct manifest {
  std::string name;
  version number;
  std::string description;
  std::string abi;
  std::string library;                      ///< a key of `files`
  std::map<std::string, std::string> files; ///< path in the folder -> SHA-256 in lower-case hex
  std::vector<manifest_class> classes;
  std::vector<std::string> requirements; ///< each parses as a `requirement`
  bool one_version_per_process = false;  ///< `"isolation": "process"`
};

/// Checks everything that can be checked without other files: in particular, that no path leaves the folder.
/// Fails with `package_error`; the text says which field.
result<manifest> parse_manifest(std::string_view text);

} // namespace troupe
