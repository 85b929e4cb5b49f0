#pragma once

#include "runtime/packages/class_source.hpp"
#include "runtime/packages/library_loader.hpp"
#include "runtime/packages/package_index.hpp"
#include "runtime/packages/requirement.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe {

/// What the source is made from.
struct package_class_source_options {
  std::vector<std::filesystem::path> folders; ///< searched in this order
  std::vector<class_info> builtins;           ///< the classes of the package `troupe`
  std::string builtin_version = "0.1.0";
  std::shared_ptr<library_loader> loader; ///< none: dlopen
};

/// `class_source` over package folders. What was loaded stays loaded and is found again without touching a file; the
/// folders are looked through again only when they changed, so a package installed later is found. One thread only.
class package_class_source : public class_source {
public:
  explicit package_class_source(package_class_source_options options);

  result<loaded_class> obtain(const class_desc& wanted) override;

private:
  using class_table = std::map<std::string, std::shared_ptr<const class_info>, std::less<>>;

  struct loaded_package {
    std::string name;
    version number;
    bool one_version_per_process = false;
    class_table classes;
  };

  /// A failure is remembered as long as the package's files stay as they were.
  struct failed_package {
    std::string signature;
    error why;
  };

  /// By normal name, then version.
  using loaded_versions = std::map<version, std::unique_ptr<loaded_package>>;

  void look_again();
  result<const loaded_package*> obtain_package(const requirement& wanted);
  result<const package_place*> choose(const requirement& wanted) const;
  result<const loaded_package*> load(const package_place& place, const requirement& wanted);
  result<const loaded_package*> load_checked(const package_place& place, const manifest& facts);
  result<> obtain_requirements(const package_place& place, const manifest& facts);
  std::unexpected<error> not_found(const requirement& wanted) const;
  static result<loaded_class> pick(const loaded_package& from, const std::string& class_name);

  std::vector<std::filesystem::path> folders_;
  std::shared_ptr<library_loader> loader_;
  loaded_package builtin_;
  std::map<std::string, loaded_versions> loaded_;
  std::map<std::filesystem::path, failed_package> failed_;
  std::set<std::filesystem::path> being_loaded_; ///< ends circles of requirements

  std::string folders_signature_;
  std::vector<package_place> places_;
  std::unordered_map<std::string, loaded_class> answers_;
};

} // namespace troupe
