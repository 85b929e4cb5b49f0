#pragma once

#include "runtime/packages/library_loader.hpp"

#include <troupe/package.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// Gives every library the same classes and notes what was loaded.
class fake_library_loader : public library_loader {
public:
  result<const package_classes*> load(const std::filesystem::path& library, std::string_view) override {
    loaded.push_back(library.parent_path().filename().string());
    if (!failure.empty()) {
      return fail(error_code::package_error, failure);
    }
    auto& made = *tables_.emplace_back(std::make_unique<package_classes>());
    for (const char* name : {"Zebra", "Antelope"}) {
      class_info info;
      info.name = name;
      made.classes.push_back(std::move(info));
    }
    return &made;
  }

  std::vector<std::string> loaded;
  std::string failure;

private:
  std::vector<std::unique_ptr<package_classes>> tables_;
};

} // namespace troupe
