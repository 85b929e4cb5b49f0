#include "runtime/supervision/restart_policy.hpp"

#include <algorithm>

namespace troupe {

namespace {
constexpr double jitter = 0.2;
} // namespace

std::optional<restart_policy::duration> restart_policy::failed(time_point now) {
  if (quarantined_) {
    return std::nullopt;
  }
  if (!recent_.empty() && duration{now - recent_.back()} > limits_.window) {
    next_ = duration{0}; // it was quiet for long enough
  }
  std::erase_if(recent_, [&](time_point at) { return duration{now - at} > limits_.window; });
  if (recent_.size() >= limits_.max_restarts) {
    quarantined_ = true;
    return std::nullopt;
  }
  const auto base = std::min(next_.count() > 0 ? next_ : limits_.backoff, limits_.max_backoff);
  next_ = std::min(base * 2, limits_.max_backoff);
  std::uniform_real_distribution<double> part{1 - jitter, 1 + jitter};
  const auto wait = std::min(base * part(random_), limits_.max_backoff);
  recent_.push_back(now + std::chrono::duration_cast<time_point::duration>(wait));
  ++restarts_;
  return wait;
}

void restart_policy::resume() {
  quarantined_ = false;
  recent_.clear();
  next_ = duration{0};
}

} // namespace troupe
