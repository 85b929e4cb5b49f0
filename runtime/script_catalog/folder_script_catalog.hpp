#pragma once

#include <runtime/script_catalog/script_catalog.hpp>

namespace troupe {

/// Applications that are plain folders: each script in one may be started.
class folder_script_catalog final : public script_catalog {
public:
  result<std::string> find(const std::string& application, const std::string& name_or_id) const override;
};

} // namespace troupe
