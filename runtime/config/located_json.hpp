#pragma once

#include <troupe/json.hpp>
#include <troupe/result.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// One thing that is wrong: where in the document ("gateway.port", "actors[2].name") and what to do.
struct config_problem {
  std::string path;
  std::string text;
  int line = 0; ///< 0: look the path up
};

/// A JSON document with comments, and the line of each of its keys and list elements.
struct located_json {
  json value;
  std::map<std::string, int> lines;     ///< path → line, counted from 1
  std::vector<config_problem> problems; ///< keys that are given twice

  /// The line of the path, or of the nearest thing around it; 0 for the document itself.
  int line_of(std::string_view path) const;
};

/// Fails with the line and what was expected there. Depth is limited to 64.
result<located_json> parse_located(std::string_view text);

/// "gateway" + "port" → "gateway.port"; the root is the empty path.
std::string join_path(std::string_view path, std::string_view key);
std::string join_path(std::string_view path, std::size_t index);

} // namespace troupe
