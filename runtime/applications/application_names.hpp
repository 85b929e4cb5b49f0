#pragma once

#include <troupe/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// The folder of an application that is ours: its meta file, and files that are being written. No path of a file leads there.
inline constexpr const char* application_own_folder = ".troupe";

/// The name of an application becomes the name of a folder and a part of PYTHONPATH.
result<> check_application_name(const std::string& name);

/// The parts of a file's path in an application, `lib/tools.py`. Fails with `bad_request` and the rule that it breaks.
result<std::vector<std::string>> parts_of_file_path(const std::string& path);

/// Whether the file is one that a task can run by its name: `.py`, `.py3`, `.sh`.
bool is_script_name(std::string_view path) noexcept;

/// `length` random letters and digits.
std::string new_short_id(std::size_t length);

inline constexpr std::size_t application_id_length = 6;
inline constexpr std::size_t script_id_length = 8; ///< a script's name has a dot, its id has none
bool is_short_id(std::string_view text, std::size_t length) noexcept;

} // namespace troupe
