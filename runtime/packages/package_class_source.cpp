#include "runtime/packages/package_class_source.hpp"

#include "runtime/packages/dl_library_loader.hpp"
#include "runtime/packages/nearest_name.hpp"
#include "runtime/packages/package_files.hpp"

#include <troupe/package.hpp>

#include <algorithm>
#include <chrono>

#include <sys/stat.h>

namespace troupe {

namespace {

constexpr std::string_view builtin_name = "troupe";

// A folder changed within this time may change once more without a new time stamp.
constexpr std::chrono::seconds stamp_grain{2};

constexpr std::size_t answers_limit = 4096;

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& part : parts) {
    out += (out.empty() ? "" : ", ") + part;
  }
  return out;
}

/// Empty if the folders changed so lately that a further change could look the same.
std::string signature_of(const std::vector<std::filesystem::path>& folders) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::string out;
  for (const auto& folder : folders) {
    struct stat facts {};
    if (::stat(folder.c_str(), &facts) != 0) {
      out += "-;";
      continue;
    }
    if (std::chrono::seconds(facts.st_mtim.tv_sec) + stamp_grain > now) {
      return {};
    }
    out += std::to_string(facts.st_dev) + "." + std::to_string(facts.st_ino) + "." +
           std::to_string(facts.st_mtim.tv_sec) + "." + std::to_string(facts.st_mtim.tv_nsec) + ";";
  }
  return out.empty() ? "none" : out;
}

std::string signature_of(const package_place& place, const manifest& facts) {
  const package_files files(place.folder);
  std::string out = files.signature(manifest_file_name);
  for (const auto& [path, hash] : facts.files) {
    out += ";" + files.signature(path);
  }
  return out;
}

} // namespace

package_class_source::package_class_source(package_class_source_options options)
    : folders_(std::move(options.folders)),
      loader_(options.loader ? std::move(options.loader) : std::make_shared<dl_library_loader>()) {
  builtin_.name = builtin_name;
  builtin_.number = version::parse(options.builtin_version).value_or(version{});
  for (auto& info : options.builtins) {
    auto name = info.name;
    builtin_.classes.insert_or_assign(std::move(name), std::make_shared<const class_info>(std::move(info)));
  }
}

result<loaded_class> package_class_source::obtain(const class_desc& wanted) {
  look_again();
  const std::string key = wanted.requires_dist + '\n' + wanted.class_name;
  if (const auto known = answers_.find(key); known != answers_.end()) {
    return known->second;
  }
  const auto parsed = requirement::parse(wanted.requires_dist);
  if (!parsed) {
    return fail(error_code::package_error, parsed.error().text);
  }
  const auto package = obtain_package(*parsed);
  if (!package) {
    return std::unexpected(package.error());
  }
  auto picked = pick(**package, wanted.class_name);
  if (picked) {
    if (answers_.size() >= answers_limit) {
      answers_.clear(); // requirements are free text from users
    }
    answers_.emplace(key, *picked);
  }
  return picked;
}

/// Answers stay valid while the folders look the same: what is loaded never goes away, only a higher version may come.
void package_class_source::look_again() {
  auto now = signature_of(folders_);
  if (now.empty() || now != folders_signature_) {
    places_ = find_packages(folders_);
    answers_.clear();
    folders_signature_ = std::move(now);
  }
}

result<const package_class_source::loaded_package*> package_class_source::obtain_package(const requirement& wanted) {
  if (wanted.normal == builtin_name) {
    if (!wanted.matches(builtin_.number)) {
      return fail(error_code::package_error, "the built-in package troupe has the version " +
                                               builtin_.number.to_string() + ", which does not fit the requirement");
    }
    return &builtin_;
  }
  const auto place = choose(wanted);
  if (!place) {
    return std::unexpected(place.error());
  }
  return load(**place, wanted);
}

result<const package_place*> package_class_source::choose(const requirement& wanted) const {
  std::vector<const package_place*> candidates;
  std::vector<version> versions;
  for (const auto& place : places_) {
    if (place.normal == wanted.normal) {
      candidates.push_back(&place);
      versions.push_back(place.number);
    }
  }
  const auto chosen = choose_version(wanted, versions);
  if (chosen < 0) {
    return not_found(wanted);
  }
  return candidates[static_cast<std::size_t>(chosen)];
}

std::unexpected<error> package_class_source::not_found(const requirement& wanted) const {
  std::vector<std::string> versions;
  std::vector<std::string> names;
  for (const auto& place : places_) {
    if (place.normal == wanted.normal) {
      versions.push_back(place.number.to_string());
    }
    names.push_back(place.name);
  }
  if (!versions.empty()) {
    return fail(error_code::package_error, "no installed version of the package " + wanted.name +
                                             " fits the requirement; installed: " + joined(versions));
  }
  std::vector<std::string> folders;
  for (const auto& folder : folders_) {
    folders.push_back(folder.string());
  }
  names.emplace_back(builtin_name);
  const auto meant = nearest_name(wanted.name, names);
  return fail(error_code::package_error, "the package " + wanted.name + " is not installed; looked for " + wanted.name +
                                           "-<version> in " +
                                           (folders.empty() ? "no folder, since none is configured" : joined(folders)) +
                                           (meant.empty() ? std::string{} : "; did you mean " + meant + "?"));
}

result<const package_class_source::loaded_package*> package_class_source::load(const package_place& place,
                                                                               const requirement& wanted) {
  auto& versions = loaded_[place.normal];
  if (const auto known = versions.find(place.number); known != versions.end()) {
    return known->second.get();
  }
  auto facts = read_manifest(place);
  if (!facts) {
    return std::unexpected(facts.error());
  }
  for (auto other = versions.rbegin(); other != versions.rend(); ++other) {
    if (!facts->one_version_per_process && !other->second->one_version_per_process) {
      continue;
    }
    if (wanted.matches(other->first)) {
      return other->second.get();
    }
    return fail(error_code::conflict, "the package " + place.name + " " + place.number.to_string() +
                                        " cannot be loaded into this process: version " + other->first.to_string() +
                                        " is here already, and only one of them may be; use another process");
  }
  const auto signature = signature_of(place, *facts);
  if (const auto known = failed_.find(place.folder); known != failed_.end() && known->second.signature == signature) {
    return std::unexpected(known->second.why);
  }
  // Not remembered: they may be installed later.
  if (auto required = obtain_requirements(place, *facts); !required) {
    return std::unexpected(required.error());
  }
  auto loaded = load_checked(place, *facts);
  if (!loaded) {
    failed_.insert_or_assign(place.folder, failed_package{signature, loaded.error()});
  }
  return loaded;
}

result<> package_class_source::obtain_requirements(const package_place& place, const manifest& facts) {
  if (!being_loaded_.insert(place.folder).second) {
    return {};
  }
  result<> out;
  for (const auto& text : facts.requirements) {
    // A circle back to a package that is being loaded is satisfied by it, if the version is right.
    const auto needed = requirement::parse(text);
    const auto next = needed ? obtain_package(*needed) : std::unexpected(needed.error());
    if (!next) {
      out = fail(next.error().code, "the package " + facts.name + " " + facts.number.to_string() + " needs " + text +
                                      ": " + next.error().text);
      break;
    }
  }
  being_loaded_.erase(place.folder);
  return out;
}

result<const package_class_source::loaded_package*> package_class_source::load_checked(const package_place& place,
                                                                                       const manifest& facts) {
  auto& slot = loaded_[place.normal];
  if (const auto known = slot.find(place.number); known != slot.end()) {
    return known->second.get(); // loaded meanwhile, by a circle of requirements
  }
  const std::string_view abi = TROUPE_ABI_TAG;
  if (facts.abi != abi) {
    return fail(error_code::package_error, "the package " + facts.name + " " + facts.number.to_string() +
                                             " was built for " + facts.abi + ", this program is " + std::string(abi) +
                                             "; build it again with this SDK");
  }
  if (auto checked = check_files(place.folder, facts); !checked) {
    return std::unexpected(checked.error());
  }
  const auto classes = loader_->load(place.folder / facts.library, abi);
  if (!classes) {
    return std::unexpected(classes.error());
  }
  auto package =
    std::make_unique<loaded_package>(loaded_package{facts.name, facts.number, facts.one_version_per_process, {}});
  for (const auto& info : (*classes)->classes) {
    // The table lives in the library, which is never unloaded: nobody owns it.
    if (!package->classes.emplace(info.name, std::shared_ptr<const class_info>(std::shared_ptr<void>{}, &info))
           .second) {
      return fail(error_code::package_error, "the package " + facts.name + " " + facts.number.to_string() +
                                               " is damaged: it has two classes named " + info.name);
    }
  }
  return slot.emplace(place.number, std::move(package)).first->second.get();
}

result<loaded_class> package_class_source::pick(const loaded_package& from, const std::string& class_name) {
  const auto found = class_name.empty() ? from.classes.begin() : from.classes.find(class_name);
  const auto package = from.name + " " + from.number.to_string();
  if (found != from.classes.end()) {
    return loaded_class{found->second, from.name, from.number.to_string()};
  }
  if (from.classes.empty()) {
    return fail(error_code::package_error, "the package " + package + " has no classes");
  }
  std::vector<std::string> names;
  for (const auto& [name, info] : from.classes) {
    names.push_back(name);
  }
  const auto meant = nearest_name(class_name, names);
  return fail(error_code::package_error, "the package " + package + " has no class " + class_name + "; it has " +
                                           joined(names) + (meant.empty() ? "" : "; did you mean " + meant + "?"));
}

} // namespace troupe
