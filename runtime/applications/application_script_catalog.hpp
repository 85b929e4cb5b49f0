#pragma once

#include "runtime/script_catalog/folder_script_catalog.hpp"

#include <filesystem>

namespace troupe {

/// Applications of the store below `root` with their executable marks and script ids; any other folder by the rule for
/// plain folders. Reads the meta file each time.
class application_script_catalog final : public script_catalog {
public:
  explicit application_script_catalog(std::filesystem::path root) : root_(std::move(root)) {}

  result<std::string> find(const std::string& application, const std::string& name_or_id) const override;

private:
  std::filesystem::path root_;
  folder_script_catalog plain_;
};

} // namespace troupe
