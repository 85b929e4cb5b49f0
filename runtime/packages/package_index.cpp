#include "runtime/packages/package_index.hpp"

#include "runtime/packages/package_files.hpp"
#include "runtime/packages/requirement.hpp"

#include <algorithm>
#include <optional>
#include <system_error>

namespace troupe {

namespace {

namespace fs = std::filesystem;

/// The last `-` with a version behind it divides `<name>-<version>`.
std::optional<package_place> place_of(const fs::path& folder) {
  const auto text = folder.filename().string();
  const auto dash = text.rfind('-');
  if (dash == std::string::npos || !is_package_name(std::string_view(text).substr(0, dash))) {
    return std::nullopt;
  }
  const auto number = version::parse(std::string_view(text).substr(dash + 1));
  if (!number) {
    return std::nullopt;
  }
  const auto name = text.substr(0, dash);
  return package_place{name, normal_package_name(name), *number, folder};
}

bool listed_before(const package_place& a, const package_place& b) {
  return a.normal != b.normal ? a.normal < b.normal : a.number > b.number;
}

bool same_version(const package_place& a, const package_place& b) {
  return a.normal == b.normal && a.number == b.number;
}

/// In the order of the folders for one version.
std::vector<package_place> all_places(const std::vector<fs::path>& folders) {
  std::vector<package_place> out;
  for (const auto& folder : folders) {
    std::error_code problem;
    std::vector<package_place> here;
    for (fs::directory_iterator it(folder, problem), end; !problem && it != end; it.increment(problem)) {
      std::error_code not_a_folder;
      if (auto place = place_of(it->path()); place && it->is_directory(not_a_folder)) {
        here.push_back(std::move(*place));
      }
    }
    // Two spellings of one version in one folder: the choice must not depend on the file system's order.
    std::ranges::sort(here, {}, [](const package_place& place) { return place.folder; });
    std::ranges::move(here, std::back_inserter(out));
  }
  std::ranges::stable_sort(out, listed_before);
  return out;
}

} // namespace

std::vector<package_place> find_packages(const std::vector<fs::path>& folders) {
  auto out = all_places(folders);
  const auto rest = std::ranges::unique(out, same_version);
  out.erase(rest.begin(), rest.end());
  return out;
}

result<manifest> read_manifest(const package_place& place) {
  const auto text = package_files(place.folder).read_manifest();
  if (!text) {
    return std::unexpected(text.error());
  }
  auto facts = parse_manifest(*text);
  if (!facts) {
    return fail(error_code::package_error,
                "the package in " + place.folder.string() + " is damaged: " + facts.error().text);
  }
  if (normal_package_name(facts->name) != place.normal || facts->number != place.number) {
    return fail(error_code::package_error, "the package in " + place.folder.string() +
                                             " is damaged: its manifest says " + facts->name + " " +
                                             facts->number.to_string());
  }
  return facts;
}

result<> check_files(const fs::path& folder, const manifest& facts) {
  const package_files files(folder);
  for (const auto& [path, expected] : facts.files) {
    const auto found = files.sha256(path);
    if (!found) {
      return std::unexpected(found.error());
    }
    if (*found != expected) {
      return fail(error_code::package_error, "the package in " + folder.string() + " is damaged: " + path +
                                               " has the SHA-256 " + *found + ", its manifest says " + expected +
                                               "; install the package again");
    }
  }
  return {};
}

std::vector<package_entry> list_packages(const std::vector<fs::path>& folders, std::string_view abi, bool with_files) {
  std::vector<package_entry> out;
  const package_place* before = nullptr;
  const auto places = all_places(folders);
  for (const auto& place : places) {
    package_entry entry{place.name, place.number.to_string(), place.folder, {}, {}};
    if (auto facts = read_manifest(place); !facts) {
      entry.problem = facts.error().text;
    } else {
      entry.facts = std::move(*facts);
      if (place.normal == "troupe") {
        entry.problem = "the name troupe belongs to the built-in classes: the package is never used";
      } else if (before != nullptr && same_version(*before, place)) {
        entry.problem = "hidden by the same version in " + before->folder.string();
      } else if (entry.facts.abi != abi) {
        entry.problem =
          "built for " + entry.facts.abi + ", this program is " + std::string(abi) + "; build it again with this SDK";
      } else if (with_files) {
        if (auto checked = check_files(place.folder, entry.facts); !checked) {
          entry.problem = checked.error().text;
        }
      }
    }
    if (before == nullptr || !same_version(*before, place)) {
      before = &place;
    }
    out.push_back(std::move(entry));
  }
  return out;
}

} // namespace troupe
