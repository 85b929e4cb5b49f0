#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace troupe {

/// Many timers, most of which are cancelled: insert and cancel take constant time. A hashed wheel (Varghese and Lauck,
/// SOSP 1987, scheme 6). No thread and no clock of its own; not thread-safe.
class timer_wheel {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Names one timer; 0 names none. A handle whose timer has fired or was cancelled names nothing any more.
  using handle = std::uint64_t;

  explicit timer_wheel(time_point start);

  handle insert(time_point when, std::function<void()> action);

  /// False if it has fired already.
  bool cancel(handle which);

  /// Takes out every timer that is due at `now`, earliest first, and appends its action to `due`.
  void expire(time_point now, std::vector<std::function<void()>>& due);

  /// Not later than the next timer; may be earlier. Nothing if there is no timer.
  std::optional<time_point> next(time_point now) const;

  std::size_t size() const noexcept { return size_; }

private:
  struct entry {
    time_point when;
    std::function<void()> action;
    std::uint32_t next = none;
    std::uint32_t previous = none;
    std::uint32_t generation = 0;
    bool used = false;
  };

  static constexpr std::uint32_t none = 0xffffffff;
  static constexpr std::size_t slots = 1024;
  static constexpr std::chrono::milliseconds tick{8};

  std::uint64_t tick_of(time_point when) const;
  time_point begin_of(std::uint64_t ticks) const;
  void unlink(std::uint32_t index);

  time_point start_;
  std::uint64_t done_ticks_ = 0; ///< every slot before this tick is empty of due timers
  std::vector<std::uint32_t> heads_;
  std::vector<entry> entries_;
  std::vector<std::uint32_t> free_;
  std::size_t size_ = 0;
};

} // namespace troupe
