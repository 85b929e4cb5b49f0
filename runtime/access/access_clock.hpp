#pragma once

#include <chrono>

namespace troupe {

/// The time that sessions and login codes grow old by. Thread-safe.
class access_clock {
public:
  virtual ~access_clock() = default;
  virtual std::chrono::steady_clock::time_point now() const noexcept = 0;
};

/// The time of the machine.
class steady_access_clock final : public access_clock {
public:
  std::chrono::steady_clock::time_point now() const noexcept override { return std::chrono::steady_clock::now(); }
};

} // namespace troupe
