#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::cli {

/// Rows under headings, aligned by the number of characters. The last column is not padded.
class table {
public:
  explicit table(std::vector<std::string> headings) : headings_(std::move(headings)) {}

  /// Control characters in the cells are made visible; missing cells are empty.
  void add(std::vector<std::string> cells);

  bool empty() const noexcept { return rows_.empty(); }

  /// Each line ends with a line feed; `colour` makes the headings bold.
  std::string text(bool colour) const;

private:
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

/// Characters of UTF-8 text, each counted as one place.
std::size_t text_width(std::string_view text);

} // namespace troupe::cli
