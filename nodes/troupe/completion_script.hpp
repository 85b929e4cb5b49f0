#pragma once

#include "nodes/troupe/arguments.hpp"

#include <string>
#include <string_view>

namespace troupe::cli {

/// A script that completes commands and options in `shell` (bash, zsh, fish). Where neither fits, files are offered.
std::string completion_script(std::string_view shell, const command_node& root);

} // namespace troupe::cli
