#pragma once

#include "runtime/access/access_clock.hpp"

namespace troupe {

/// Time that a test moves.
class fake_access_clock final : public access_clock {
public:
  std::chrono::steady_clock::time_point now() const noexcept override { return now_; }
  void advance(std::chrono::seconds time) { now_ += time; }

private:
  std::chrono::steady_clock::time_point now_{std::chrono::hours(1)};
};

} // namespace troupe
