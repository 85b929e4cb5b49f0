#include "nodes/troupe/table.hpp"

#include "nodes/troupe/typed_value.hpp"

#include <algorithm>

namespace troupe::cli {

namespace {

void append_row(std::string& text, const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::size_t owed = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!cells[i].empty()) {
      text.append(owed, ' ');
      owed = 0;
      text += cells[i];
    }
    owed += widths[i] - text_width(cells[i]) + 2;
  }
}

} // namespace

std::size_t text_width(std::string_view text) {
  return static_cast<std::size_t>(
    std::ranges::count_if(text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
}

void table::add(std::vector<std::string> cells) {
  cells.resize(headings_.size());
  std::ranges::transform(cells, cells.begin(), [](const std::string& cell) { return printable(cell); });
  rows_.push_back(std::move(cells));
}

std::string table::text(bool colour) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < headings_.size(); ++i) {
    std::size_t width = text_width(headings_[i]);
    for (const auto& row : rows_) {
      width = std::max(width, text_width(row[i]));
    }
    widths.push_back(width);
  }
  std::string text = colour ? "\033[1m" : "";
  append_row(text, headings_, widths);
  text += colour ? "\033[0m\n" : "\n";
  for (const auto& row : rows_) {
    append_row(text, row, widths);
    text += '\n';
  }
  return text;
}

} // namespace troupe::cli
