#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Codes that log in once. Looking at one does not use it up. At most `max_codes` wait; a new one pushes the oldest out.
/// Not thread-safe.
class login_codes {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit login_codes(std::chrono::seconds life = std::chrono::hours(24), std::size_t max_codes = 32)
    : life_(life), max_codes_(max_codes) {}

  std::string issue(time_point now);
  bool is_valid(std::string_view code, time_point now) const;
  /// True once for each code.
  bool consume(std::string_view code, time_point now);

private:
  struct entry {
    std::string code;
    time_point issued;
  };
  std::chrono::seconds life_;
  std::size_t max_codes_;
  std::vector<entry> entries_; ///< oldest first
};

} // namespace troupe
