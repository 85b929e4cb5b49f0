#pragma once

#include <troupe/result.hpp>

#include <cstddef>
#include <string_view>

namespace troupe {

inline constexpr std::size_t longest_script_name = 200;

/// The name of a stored script is the name of a file: letters, digits, `_`, `-` and `.`, a letter, a digit or `_` first,
/// `.py` at the end. So it holds no path, and no two names look alike. Fails with `bad_request`.
result<> check_script_name(std::string_view name);

} // namespace troupe
