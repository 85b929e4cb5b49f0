#include "runtime/package_template/package_template.hpp"

#include "runtime/package_template/project_texts.hpp"
#include "runtime/packages/requirement.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

namespace troupe {

namespace {

namespace fs = std::filesystem;

/// A namespace from the package's name. The word behind it keeps it from being a keyword or a number.
std::string space_of(const std::string& name) {
  std::string out = normal_package_name(name);
  std::ranges::replace(out, '-', '_');
  return (out.front() >= '0' && out.front() <= '9' ? "p" : "") + out + "_package";
}

std::string shell_word(const std::string& text) {
  const bool plain = !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("/._-+=:,@%").find(c) != std::string_view::npos;
  });
  if (plain) {
    return text;
  }
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return out + "'";
}

std::string filled(std::string_view text, const std::vector<std::pair<std::string, std::string>>& values) {
  std::string out;
  while (!text.empty()) {
    const auto found = std::ranges::find_if(values, [&](const auto& value) { return text.starts_with(value.first); });
    if (found != values.end()) {
      out += found->second;
      text.remove_prefix(found->first.size());
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

} // namespace

result<std::vector<project_file>> package_project(const package_template_options& options) {
  if (!is_package_name(options.name)) {
    return fail(error_code::bad_request,
                "cannot make a package named \"" + options.name +
                  "\": a name has letters, digits, '.', '_' and '-', and begins and ends with a "
                  "letter or digit");
  }
  if (normal_package_name(options.name) == "troupe" || options.name.find("--") != std::string::npos) {
    return fail(error_code::bad_request, "cannot make a package named \"" + options.name +
                                           "\": the name belongs to the built-in classes, or has \"--\" in it");
  }
  const std::vector<std::pair<std::string, std::string>> values{
    {"@NAME@", options.name},
    {"@SPACE@", space_of(options.name)},
    {"@SDK@", options.sdk_version},
    {"@CONFIGURE@", options.sdk.empty() ? " -DCMAKE_PREFIX_PATH=/path/to/the/troupe/sdk"
                                        : " " + shell_word("-DCMAKE_PREFIX_PATH=" + options.sdk.string())},
    {"@PACKAGES@", options.packages.empty() ? "/path/to/a/package/folder" : shell_word(options.packages.string())}};
  const std::vector<std::pair<const char*, std::string_view>> texts{
    {"CMakeLists.txt", project_texts::cmake_lists},
    {"README.md", project_texts::readme},
    {".gitignore", project_texts::gitignore},
    {"src/greeter.hpp", project_texts::greeter_header},
    {"src/greeter.cpp", project_texts::greeter_source},
    {"src/package.cpp", project_texts::package_source},
    {"test/greeter_test.cpp", project_texts::greeter_test}};
  std::vector<project_file> out;
  for (const auto& [path, text] : texts) {
    out.push_back({path, filled(text, values)});
  }
  return out;
}

result<> write_project(const fs::path& folder, const std::vector<project_file>& files) {
  const auto refused = [&](const fs::path& what, const std::string& why) {
    return fail(error_code::io_error, "cannot write " + what.string() + ": " + why);
  };
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem) {
    return refused(folder, problem.message());
  }
  if (!fs::is_empty(folder, problem) || problem) {
    return fail(error_code::conflict, "cannot make a project in " + folder.string() + ": " +
                                        (problem ? problem.message() : "the folder is not empty; name another one"));
  }
  for (const auto& file : files) {
    const auto path = folder / file.path;
    fs::create_directories(path.parent_path(), problem);
    std::ofstream out(path, std::ios::binary);
    out << file.text;
    out.close();
    if (problem || !out) {
      return refused(path, problem ? problem.message() : std::strerror(errno));
    }
  }
  return {};
}

} // namespace troupe
