#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// What a build prints, as lines: no colours, a progress bar that rewrites itself counts as its last state. Memory is
/// bounded. Pure.
class build_log {
public:
  static constexpr std::size_t most_lines = 200;
  static constexpr std::size_t longest_line = 1'000;

  /// Takes bytes of any size; gives the lines that became whole.
  std::vector<std::string> take(std::string_view bytes);
  /// The end of the output: the unfinished line, if it has text.
  std::optional<std::string> finish();
  /// A line of our own.
  void add(std::string line);

  std::vector<std::string> last(std::size_t count) const;
  std::size_t total() const noexcept { return total_; } ///< lines so far, also those that are not kept any more
  /// What the tool was at by its last telling line, as `resolving`; empty: it has not said.
  const std::string& phase() const noexcept { return phase_; }
  /// Whether packages were, or may have been, changed already.
  bool has_begun_to_install() const noexcept { return has_begun_to_install_; }
  /// Before the next program of a build.
  void restart() { phase_.clear(); }

private:
  std::optional<std::string> end_line();
  void judge(const std::string& line);

  std::deque<std::string> lines_;
  std::size_t total_ = 0;
  std::string open_;
  std::string phase_;
  bool has_begun_to_install_ = false;
};

} // namespace troupe
