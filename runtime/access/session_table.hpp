#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>

namespace troupe {

/// Who is logged in with a browser. A session ends after `idle` without use, after `life` in any case, or when it is
/// pushed out by the newest of more than `max_sessions`. Not thread-safe.
class session_table {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit session_table(std::chrono::seconds idle = std::chrono::hours(12),
                         std::chrono::seconds life = std::chrono::hours(24 * 7), std::size_t max_sessions = 1000)
    : idle_(idle), life_(life), max_sessions_(max_sessions) {}

  /// The identity of a new session: a secret.
  std::string open(time_point now);
  /// Whether the session lives; uses it if so.
  bool use(const std::string& id, time_point now);
  void close(const std::string& id) { sessions_.erase(id); }
  std::size_t size() const noexcept { return sessions_.size(); }

private:
  struct session {
    time_point opened;
    time_point used;
  };
  bool is_over(const session& which, time_point now) const {
    return now - which.used >= idle_ || now - which.opened >= life_;
  }
  std::chrono::seconds idle_;
  std::chrono::seconds life_;
  std::size_t max_sessions_;
  std::unordered_map<std::string, session> sessions_; ///< the hash of a 256-bit secret tells a guesser nothing of use
};

} // namespace troupe
