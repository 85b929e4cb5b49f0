#pragma once

#include "runtime/config/settings.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace troupe {

/// The settings that scripts see as environment variables, under the names they know them by.
std::map<std::string, std::string> settings_for_scripts(const settings& config);

/// What the system has chosen itself and is not in the settings: the port of the bridge, as ready.json tells it.
std::map<std::string, std::string> chosen_settings(const std::filesystem::path& state_dir);

/// The folder of the Python package `ompy`: in a build, or in an installed Troupe; empty if neither is there.
std::string ompy_folder_beside(const std::filesystem::path& program_dir);

/// `warm_parent.py`, in the same places; empty if it is in neither.
std::string warm_parent_beside(const std::filesystem::path& program_dir);

} // namespace troupe
