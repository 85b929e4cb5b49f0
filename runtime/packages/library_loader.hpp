#pragma once

#include <troupe/result.hpp>

#include <filesystem>
#include <string_view>

namespace troupe {

struct package_classes;

/// Brings the code of a package into the process, for ever: code that has run is never unloaded.
class library_loader {
public:
  virtual ~library_loader() = default;
  /// Never null. Fails with `package_error` if the file cannot be loaded, carries another ABI tag than `abi`, or offers
  /// no table of classes.
  virtual result<const package_classes*> load(const std::filesystem::path& library, std::string_view abi) = 0;
};

} // namespace troupe
