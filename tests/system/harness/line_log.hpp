#pragma once

#include "tests/system/harness/deadline.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace system_test {

/// The lines that a program has written so far. Thread-safe: one thread appends, tests wait.
class line_log {
public:
  void append(std::string_view bytes);
  /// No more will come; a rest without a newline becomes a line.
  void close();

  /// The first line from index `from` on that contains `text`; waits for it. `next` becomes the index after it.
  std::optional<std::string> wait_for(std::string_view text, milliseconds limit, std::size_t from = 0,
                                      std::size_t* next = nullptr) const;
  /// The program (and whoever it gave its output to) has ended, and all was read.
  bool closed() const;
  std::vector<std::string> lines() const;
  std::size_t size() const;
  /// Every byte, as it was written.
  std::string text() const;
  std::size_t count(std::string_view text, std::size_t from = 0) const;

private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::string> lines_;
  std::string rest_;
  std::string all_;
  bool closed_ = false;
};

} // namespace system_test
