#include "runtime/packages/nearest_name.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <vector>

namespace troupe {

namespace {

/// Levenshtein distance without regard to case.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same =
        std::tolower(static_cast<unsigned char>(a[i - 1])) == std::tolower(static_cast<unsigned char>(b[j - 1]));
      const std::size_t changed = diagonal + (same ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row[b.size()];
}

} // namespace

std::string nearest_name(std::string_view given, std::span<const std::string> names) {
  given = given.substr(0, 128);
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(given.size() < 4 ? 1 : 2, given.size() / 3) + 1;
  for (const auto& name : names) {
    const auto here = distance(given, std::string_view(name).substr(0, 128));
    if (here < best_distance) {
      best = name;
      best_distance = here;
    }
  }
  return best;
}

} // namespace troupe
