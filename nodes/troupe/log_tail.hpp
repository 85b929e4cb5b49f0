#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace troupe::cli {

/// The last `count` lines of a file, each with its line feed; nothing if it cannot be read. Reads at most the last 4
/// MiB.
std::optional<std::string> last_lines(const std::filesystem::path& file, unsigned count);

} // namespace troupe::cli
