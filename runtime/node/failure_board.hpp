#pragma once

#include <troupe/json.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// What is known of the failures of this node's actors, for whoever asks: the cells write, the admin reads. Holds only
/// actors that failed or were restarted. Thread-safe; time is handed in.
class failure_board {
public:
  using clock = std::chrono::system_clock;
  static constexpr std::size_t kept_errors = 10;

  enum class condition : std::uint8_t { running, restarting, quarantined };

  void note_error(const std::string& actor, const std::string& command, const std::string& reason,
                  clock::time_point now = clock::now());
  void note_condition(const std::string& actor, condition what, clock::time_point now = clock::now());
  /// It has a new object.
  void note_restart(const std::string& actor, clock::time_point now = clock::now());
  void forget(const std::string& actor);

  /// `{name, state, since_s?, restarts, errors: [{at, command, reason}…]}`, oldest error first; one without a past is
  /// `running`. `since_s` is how long it has been what it is, unless it runs.
  json report(const std::string& actor, clock::time_point now = clock::now()) const;
  std::vector<std::string> actors() const;

private:
  struct error_line {
    clock::time_point at;
    std::string command;
    std::string reason;
  };
  struct entry {
    condition what = condition::running;
    clock::time_point since;
    std::uint64_t restarts = 0;
    std::deque<error_line> errors;
  };

  mutable std::mutex mutex_;
  std::map<std::string, entry, std::less<>> entries_;
};

} // namespace troupe
