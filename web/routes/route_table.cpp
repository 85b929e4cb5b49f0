#include "web/routes/route_table.hpp"

#include "web/routes/uri.hpp"

#include <algorithm>

namespace troupe {
namespace {

/// What is behind `first`, as one text.
std::string rest_of(const std::vector<std::string>& path, std::size_t first) {
  std::string out = path[first];
  for (std::size_t i = first + 1; i < path.size(); ++i) {
    out += "/" + path[i];
  }
  return out;
}

/// Nothing if the path does not fit the pattern.
std::optional<std::vector<std::string>> fit(std::string_view pattern, bool takes_rest, std::vector<std::string> path) {
  const auto wanted = split_path(pattern);
  if (takes_rest && path.size() > wanted.size()) {
    path[wanted.size() - 1] = rest_of(path, wanted.size() - 1);
    path.resize(wanted.size());
  }
  if (wanted.size() != path.size()) {
    return std::nullopt;
  }
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].starts_with('{')) {
      if (path[i].empty()) {
        return std::nullopt;
      }
      parts.push_back(path[i]);
    } else if (wanted[i] != path[i]) {
      return std::nullopt;
    }
  }
  return parts;
}

} // namespace

std::optional<route_table::match> route_table::find(std::string_view method, std::string_view path) const {
  std::vector<std::string> decoded;
  for (const auto part : split_path(path)) {
    auto text = percent_decode(part, false);
    if (!text) {
      return std::nullopt;
    }
    decoded.push_back(std::move(*text));
  }
  match out;
  const auto wanted = method == "HEAD" ? std::string_view("GET") : method;
  for (const auto& each : routes_) {
    auto parts = fit(each.pattern, each.takes_rest, decoded);
    if (!parts) {
      continue;
    }
    out.allowed.push_back(each.method);
    if (each.method == "GET") {
      out.allowed.push_back("HEAD");
    }
    if (each.method == wanted) {
      out.found = &each;
      out.parts = std::move(*parts);
    }
  }
  return out;
}

} // namespace troupe
