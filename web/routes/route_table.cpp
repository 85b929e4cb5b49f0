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
std::optional<std::vector<std::string>> fit(const std::vector<std::string>& wanted, bool takes_rest,
                                            const std::vector<std::string>& path) {
  if (takes_rest ? path.size() < wanted.size() : path.size() != wanted.size()) {
    return std::nullopt;
  }
  const auto is_rest = [&](std::size_t i) { return takes_rest && i + 1 == wanted.size(); };
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const bool fits = wanted[i].starts_with('{') ? is_rest(i) || !path[i].empty() : wanted[i] == path[i];
    if (!fits) {
      return std::nullopt;
    }
  }
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].starts_with('{')) {
      parts.push_back(is_rest(i) ? rest_of(path, i) : path[i]);
    }
  }
  return parts;
}

} // namespace

void route_table::add(route one) {
  auto& parts = patterns_.emplace_back();
  for (const auto part : split_path(one.pattern)) {
    parts.emplace_back(part);
  }
  routes_.push_back(std::move(one));
}

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
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const auto& each = routes_[i];
    auto parts = fit(patterns_[i], each.takes_rest, decoded);
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
