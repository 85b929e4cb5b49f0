#pragma once

#include "runtime/packages/library_loader.hpp"

namespace troupe {

/// `library_loader` by dlopen, `RTLD_NOW | RTLD_LOCAL`. Stateless; the handles stay open until the process ends.
class dl_library_loader : public library_loader {
public:
  result<const package_classes*> load(const std::filesystem::path& library, std::string_view abi) override;
};

} // namespace troupe
