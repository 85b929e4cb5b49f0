#pragma once

#include <troupe/abi_fingerprint.hpp>
#include <troupe/actor.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

// A package fits a program if everything that crosses the border has the same layout: the same declarations of the SDK
// (the fingerprint changes by itself; the number is for changes of meaning), compiler, language and json library.
#define TROUPE_SDK_ABI 1
#define TROUPE_DETAIL_TEXT_(x) #x
#define TROUPE_DETAIL_TEXT(x) TROUPE_DETAIL_TEXT_(x)
#define TROUPE_DETAIL_SDK_ TROUPE_DETAIL_TEXT(TROUPE_SDK_ABI) "-" TROUPE_SDK_FINGERPRINT
#define TROUPE_DETAIL_CXX_ "-gcc" TROUPE_DETAIL_TEXT(__GNUC__) "-cxx" TROUPE_DETAIL_TEXT(__cplusplus)
#define TROUPE_DETAIL_JSON_MAJOR_ TROUPE_DETAIL_TEXT(NLOHMANN_JSON_VERSION_MAJOR)
#define TROUPE_DETAIL_JSON_MINOR_ TROUPE_DETAIL_TEXT(NLOHMANN_JSON_VERSION_MINOR)
#define TROUPE_DETAIL_JSON_DIAG_ "-diag" TROUPE_DETAIL_TEXT(JSON_DIAGNOSTICS)
#define TROUPE_DETAIL_JSON_ "-json" TROUPE_DETAIL_JSON_MAJOR_ "." TROUPE_DETAIL_JSON_MINOR_ TROUPE_DETAIL_JSON_DIAG_
#if defined(_GLIBCXX_DEBUG)
#define TROUPE_DETAIL_DEBUG_ "-debug"
#else
#define TROUPE_DETAIL_DEBUG_ ""
#endif
#define TROUPE_ABI_TAG "troupe-" TROUPE_DETAIL_SDK_ TROUPE_DETAIL_CXX_ TROUPE_DETAIL_JSON_ TROUPE_DETAIL_DEBUG_

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

/// The classes with their commands and parameters, as the manifest has them: `{"abi", "classes": [...]}`.
inline std::string describe_package(const package_classes& all, const char* abi) {
  json classes = json::array();
  for (const auto& info : all.classes) {
    json commands = json::array();
    for (const auto& [command, details] : info.commands) {
      commands.push_back(json{{"name", command}, {"doc", details.doc}});
    }
    std::sort(commands.begin(), commands.end(), [](const json& a, const json& b) {
      return a["name"].get_ref<const std::string&>() < b["name"].get_ref<const std::string&>();
    });
    json params = json::array();
    for (const auto& param : info.params) {
      params.push_back(json{{"name", param.name}, {"type", param.type}, {"doc", param.doc}});
    }
    classes.push_back(
      json{{"name", info.name}, {"doc", info.doc}, {"commands", std::move(commands)}, {"params", std::move(params)}});
  }
  return json{{"abi", abi}, {"classes", std::move(classes)}}.dump();
}

} // namespace troupe

/// Once per package: `TROUPE_PACKAGE(package) { package.add<hello_world>("HelloWorld"); }`. An exception in it makes
/// the package unusable, not the process: `troupe_package_open` then gives null.
#define TROUPE_PACKAGE(variable)                                                                                       \
  static void troupe_detail_fill(::troupe::package_classes&);                                                          \
  extern "C" __attribute__((visibility("default"))) const char troupe_package_abi[] = TROUPE_ABI_TAG;                  \
  extern "C" __attribute__((visibility("default"))) const ::troupe::package_classes* troupe_package_open() noexcept {  \
    static const ::troupe::package_classes* const all = []() noexcept -> const ::troupe::package_classes* {            \
      try {                                                                                                            \
        auto* made = new ::troupe::package_classes;                                                                    \
        troupe_detail_fill(*made);                                                                                     \
        return made;                                                                                                   \
      } catch (...) {                                                                                                  \
        return nullptr;                                                                                                \
      }                                                                                                                \
    }();                                                                                                               \
    return all;                                                                                                        \
  }                                                                                                                    \
  extern "C" __attribute__((visibility("default"))) const char* troupe_package_describe() noexcept {                   \
    static const std::string* const text = []() noexcept -> const std::string* {                                       \
      try {                                                                                                            \
        const auto* all = troupe_package_open();                                                                       \
        return all == nullptr ? nullptr : new std::string(::troupe::describe_package(*all, troupe_package_abi));       \
      } catch (...) {                                                                                                  \
        return nullptr;                                                                                                \
      }                                                                                                                \
    }();                                                                                                               \
    return text == nullptr ? nullptr : text->c_str();                                                                  \
  }                                                                                                                    \
  static void troupe_detail_fill(::troupe::package_classes& variable)
