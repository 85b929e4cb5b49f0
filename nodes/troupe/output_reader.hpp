#pragma once

#include <troupe/json.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::cli {

/// One piece of a task's output.
struct output_record {
  std::uint64_t seq = 0;
  bool is_stderr = false;
  bool is_note = false; ///< no output: what was said before the script could start
  std::string bytes;
};

/// Puts lines of JSON together from pieces of any size and reads them as a task's output. Keeps at most one unfinished
/// line. Not thread-safe.
class output_reader {
public:
  explicit output_reader(std::function<bool(const output_record&)> on_record) : on_record_(std::move(on_record)) {}

  /// False when `on_record` said so. A line that is no record counts as damaged and is skipped.
  bool take(std::string_view piece);

  /// Forgets an unfinished line: the next piece comes from a new connection.
  void restart() { line_.clear(); }

  std::uint64_t next() const noexcept { return next_; } ///< the first record that was not seen
  bool saw_last_line() const noexcept { return saw_last_line_; }
  const std::optional<json>& end_state() const noexcept { return end_state_; } ///< once the task has ended
  std::size_t damaged_lines() const noexcept { return damaged_lines_; }

private:
  bool take_line(std::string_view line);

  std::function<bool(const output_record&)> on_record_;
  std::string line_;
  std::uint64_t next_ = 0;
  bool saw_last_line_ = false;
  std::optional<json> end_state_;
  std::size_t damaged_lines_ = 0;
};

} // namespace troupe::cli
