#include "runtime/venv/package_list.hpp"

#include "runtime/packages/requirement.hpp"
#include "runtime/venv/durable_file.hpp"
#include "runtime/venv/text_line.hpp"

#include <algorithm>
#include <cctype>
#include <set>

namespace troupe {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t longest_wish = 1000;

bool is_name_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-';
}

std::string_view name_part(std::string_view wish) {
  const auto end = std::ranges::find_if_not(wish, is_name_letter);
  return wish.substr(0, static_cast<std::size_t>(end - wish.begin()));
}

/// `Name` and `Version` are among the first lines of the metadata.
installed_package read_metadata(const fs::path& file) {
  installed_package out;
  const auto text = read_small_file(file, 16u << 20);
  std::string_view rest = text;
  while (!rest.empty() && (out.name.empty() || out.version.empty())) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (trimmed(line).empty()) {
      break;
    }
    if (line.starts_with("Name:")) {
      out.name = trimmed(line.substr(5));
    } else if (line.starts_with("Version:")) {
      out.version = trimmed(line.substr(8));
    }
  }
  return out;
}

} // namespace

std::vector<installed_package> installed_packages(const fs::path& venv) {
  std::vector<installed_package> all;
  std::error_code failed;
  for (const auto& version : fs::directory_iterator(venv / "lib", failed)) {
    std::error_code unreadable;
    for (const auto& entry : fs::directory_iterator(version.path() / "site-packages", unreadable)) {
      const auto extension = entry.path().extension();
      if (extension != ".dist-info" && extension != ".egg-info") {
        continue;
      }
      auto found = read_metadata(entry.path() / (extension == ".dist-info" ? "METADATA" : "PKG-INFO"));
      if (!found.name.empty()) {
        all.push_back(std::move(found));
      }
    }
  }
  std::ranges::sort(all, {}, [](const auto& one) { return normal_package_name(one.name); });
  return all;
}

std::vector<std::string> installed_specs(const std::filesystem::path& venv) {
  std::vector<std::string> out;
  for (const auto& one : installed_packages(venv)) {
    out.push_back(one.spec());
  }
  return out;
}

bool is_package_wish(std::string_view text) {
  const auto name = name_part(text);
  const bool has_control = std::ranges::any_of(text, [](unsigned char c) { return c < ' ' || c == 127; });
  if (text.size() > longest_wish || has_control || !is_package_name(name)) {
    return false;
  }
  const auto rest = trimmed(text.substr(name.size()));
  return rest.empty() || std::string_view{"[<>=!~;@("}.find(rest.front()) != std::string_view::npos;
}

std::string wished_name(std::string_view wish) { return normal_package_name(name_part(wish)); }

std::vector<std::string> read_requirements(std::string_view text) {
  std::vector<std::string> all;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto comment = line.starts_with('#') ? 0 : line.find(" #");
    const auto wish = trimmed(line.substr(0, comment));
    if (is_package_wish(wish)) {
      all.emplace_back(wish);
    }
  }
  return all;
}

std::vector<std::string> missing_of(const std::vector<std::string>& wishes,
                                    const std::vector<installed_package>& installed) {
  std::set<std::string> there;
  for (const auto& one : installed) {
    there.insert(normal_package_name(one.name));
  }
  std::vector<std::string> missing;
  std::ranges::copy_if(wishes, std::back_inserter(missing),
                       [&](const auto& wish) { return !there.contains(wished_name(wish)); });
  return missing;
}

} // namespace troupe
