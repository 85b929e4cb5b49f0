#pragma once

#include "runtime/packages/package_files.hpp"

#include <troupe/package.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <stdlib.h>

namespace troupe {

/// A folder of packages that are files only; it is removed with everything in it.
class package_folder {
public:
  package_folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "troupe-packages-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  package_folder(const package_folder&) = delete;
  package_folder& operator=(const package_folder&) = delete;
  ~package_folder() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }

  /// Writes `<name>-<version>/` with a library of some bytes. `changes` is merged into the manifest.
  std::filesystem::path add(const std::string& name, const std::string& version, const json& changes = json::object()) {
    const auto folder = path_ / (name + "-" + version);
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "code.so") << "code of " << name << " " << version;
    json manifest{{"format", 1},
                  {"name", name},
                  {"version", version},
                  {"abi", TROUPE_ABI_TAG},
                  {"library", "code.so"},
                  {"files", json{{"code.so", *package_files(folder).sha256("code.so")}}},
                  {"classes", json::array({json{{"name", "Antelope"}}, json{{"name", "Zebra"}}})},
                  {"requirements", json::array()}};
    manifest.merge_patch(changes);
    std::ofstream(folder / "manifest.json") << manifest.dump(2);
    return folder;
  }

private:
  std::filesystem::path path_;
};

} // namespace troupe
