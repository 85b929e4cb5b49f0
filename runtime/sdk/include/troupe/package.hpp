#pragma once

#include <troupe/actor.hpp>

#include <utility>
#include <vector>

// Two packages fit one program if everything that crosses the border has the same layout.
#define TROUPE_DETAIL_TEXT_(x) #x
#define TROUPE_DETAIL_TEXT(x) TROUPE_DETAIL_TEXT_(x)
#define TROUPE_SDK_ABI 1
#define TROUPE_ABI_TAG                                                                                                 \
  "troupe-" TROUPE_DETAIL_TEXT(TROUPE_SDK_ABI) "-gcc" TROUPE_DETAIL_TEXT(__GNUC__) "-cxx" TROUPE_DETAIL_TEXT(           \
    __cplusplus) "-json" TROUPE_DETAIL_TEXT(NLOHMANN_JSON_VERSION_MAJOR) "." TROUPE_DETAIL_TEXT(NLOHMANN_JSON_VERSION_MINOR)

namespace troupe {

/// What a package library offers: the tables of its classes. Made once, at the first load.
struct package_classes {
  std::vector<class_info> classes;

  template <class T>
  package_classes& add(std::string name) {
    classes.push_back(describe_class<T>(std::move(name)));
    return *this;
  }
};

} // namespace troupe

/// Once per package: `TROUPE_PACKAGE(package) { package.add<hello_world>("HelloWorld"); }`
#define TROUPE_PACKAGE(variable)                                                                                       \
  static void troupe_detail_fill(::troupe::package_classes&);                                                          \
  extern "C" __attribute__((visibility("default"))) const char troupe_package_abi[] = TROUPE_ABI_TAG;                  \
  extern "C" __attribute__((visibility("default"))) const ::troupe::package_classes* troupe_package_open() noexcept {  \
    static const ::troupe::package_classes* const all = []() noexcept {                                               \
      auto* made = new ::troupe::package_classes;                                                                      \
      troupe_detail_fill(*made);                                                                                       \
      return made;                                                                                                     \
    }();                                                                                                               \
    return all;                                                                                                        \
  }                                                                                                                    \
  static void troupe_detail_fill(::troupe::package_classes& variable)
