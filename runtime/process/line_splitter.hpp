#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// Cuts a byte stream into lines without their end. A line above the limit comes in pieces, so that memory is bounded.
class line_splitter {
public:
  static constexpr std::size_t max_line = 64 * 1024;

  template <class OnLine>
  void feed(std::string_view bytes, OnLine&& on_line) {
    while (!bytes.empty()) {
      const auto end = bytes.find('\n');
      const auto take = std::min(end == std::string_view::npos ? bytes.size() : end, max_line - partial_.size());
      partial_.append(bytes.substr(0, take));
      bytes.remove_prefix(take);
      if (!bytes.empty() && bytes.front() == '\n') {
        bytes.remove_prefix(1);
        flush(on_line);
        continue;
      }
      if (partial_.size() == max_line) {
        flush(on_line);
      }
    }
  }

  /// The end of the stream: a last line without an end is a line too.
  template <class OnLine>
  void finish(OnLine&& on_line) {
    if (!partial_.empty()) {
      flush(on_line);
    }
  }

private:
  template <class OnLine>
  void flush(OnLine& on_line) {
    std::string line;
    line.swap(partial_);
    on_line(std::move(line));
  }

  std::string partial_;
};

} // namespace troupe
