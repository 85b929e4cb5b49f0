#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// A package as it is installed.
struct installed_package {
  std::string name;
  std::string version;
  std::string spec() const { return name + "==" + version; }
};

/// What is installed in the environment at `venv`, by name; read from the metadata that installers leave, as Python's
/// `importlib.metadata` does. Starts no process.
std::vector<installed_package> installed_packages(const std::filesystem::path& venv);

/// The same as specifiers (`name==version`).
std::vector<std::string> installed_specs(const std::filesystem::path& venv);

/// Whether `text` may be given to an installer as a package: a name, extras, and what follows of PEP 508. Options,
/// paths and bare addresses are not.
bool is_package_wish(std::string_view text);

/// The name at the beginning of a wish, in its normal form.
std::string wished_name(std::string_view wish);

/// The lines of a requirements file that name packages, without comments. Options are left to the installer.
std::vector<std::string> read_requirements(std::string_view text);

/// Those of `wishes` whose name is not installed.
std::vector<std::string> missing_of(const std::vector<std::string>& wishes,
                                    const std::vector<installed_package>& installed);

} // namespace troupe
