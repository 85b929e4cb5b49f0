#pragma once

#include <string_view>

/// The texts of a new package project. `@NAME@` is the package, `@SPACE@` its C++ namespace, `@SDK@` the SDK's version,
/// `@CONFIGURE@` what follows `cmake -S . -B build` and `@PACKAGES@` the package folder, as shell words.
namespace troupe::project_texts {

extern const std::string_view cmake_lists;
extern const std::string_view greeter_header;
extern const std::string_view greeter_source;
extern const std::string_view package_source;
extern const std::string_view greeter_test;
extern const std::string_view readme;
extern const std::string_view gitignore;

} // namespace troupe::project_texts
