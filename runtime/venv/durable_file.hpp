#pragma once

#include <troupe/result.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace troupe {

/// Writes a whole file or nothing: beside it first, then renamed, both on the disk when this returns.
result<> write_durably(const std::filesystem::path& file, std::string_view text);

/// Removes a file; on the disk it is gone when this returns. A file that is not there is no error.
result<> remove_durably(const std::filesystem::path& file);

/// The whole file; empty if it cannot be read or has more than `most` bytes.
std::string read_small_file(const std::filesystem::path& file, std::size_t most = 1u << 20);

} // namespace troupe
