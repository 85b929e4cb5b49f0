#pragma once

#include "runtime/supervision/supervision_spec.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

namespace troupe {

/// One actor's or process's restarts: may it come back, and when. Time is handed in; `seed` decides the jitter. Used by one
/// thread at a time.
class restart_policy {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::duration<double>;

  restart_policy(const restart_limits& limits, std::uint64_t seed) : limits_(limits), random_(seed) {}

  /// It failed at `now`. The wait until it may be made again, or nothing: it goes into quarantine.
  std::optional<duration> failed(time_point now);

  /// Out of quarantine, with no past.
  void resume();

  bool is_quarantined() const noexcept { return quarantined_; }
  /// Restarts that were granted since it was made, those before a quarantine too.
  std::uint64_t restarts() const noexcept { return restarts_; }

private:
  restart_limits limits_;
  std::mt19937_64 random_;
  std::vector<time_point> recent_; ///< when it came back, oldest first; within the window
  duration next_{0};               ///< the next wait, before jitter; 0: begins anew
  std::uint64_t restarts_ = 0;
  bool quarantined_ = false;
};

} // namespace troupe
