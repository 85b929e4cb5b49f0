#include "runtime/packages/dl_library_loader.hpp"

#include <string>

#include <dlfcn.h>

namespace troupe {

result<const package_classes*> dl_library_loader::load(const std::filesystem::path& library, std::string_view abi) {
  const auto refused = [&](const std::string& why) {
    return fail(error_code::package_error, "cannot load the package library " + library.string() + ": " + why);
  };
  // An absolute path: a bare name would be looked up in the system's library folders.
  const auto place = std::filesystem::absolute(library);
  void* const handle = ::dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* why = ::dlerror();
    return refused(why != nullptr ? why : "unknown reason");
  }
  const auto* const tag = static_cast<const char*>(::dlsym(handle, "troupe_package_abi"));
  if (tag == nullptr) {
    return refused("it is not a package: TROUPE_PACKAGE is missing in its sources");
  }
  if (tag != abi) {
    return refused("it was built for " + std::string(tag) + ", this program is " + std::string(abi) +
                   "; build it again with this SDK");
  }
  using open_function = const package_classes* (*)();
  const auto open = reinterpret_cast<open_function>(::dlsym(handle, "troupe_package_open"));
  if (open == nullptr) {
    return refused("it does not offer troupe_package_open; build it again with this SDK");
  }
  const auto* const classes = open();
  if (classes == nullptr) {
    return refused("making its table of classes failed");
  }
  return classes;
}

} // namespace troupe
