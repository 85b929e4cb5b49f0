#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// Percent-decodes. Nothing for a broken escape, a control character or what is not UTF-8.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

/// Percent-encodes everything but unreserved characters.
std::string percent_encode(std::string_view text);

using query_list = std::vector<std::pair<std::string, std::string>>;

/// `a=1&b=x%20y`, as in an address or a form; nothing if a part cannot be decoded.
std::optional<query_list> parse_query(std::string_view text);

/// The parts of a path between slashes, not decoded; `/` has none.
std::vector<std::string_view> split_path(std::string_view path);

} // namespace troupe
