#pragma once

#include "folder_size.hpp"

#include <runtime/observer/resource_guard.hpp>
#include <runtime/observer/run_plan.hpp>
#include <runtime/observer/run_watch.hpp>
#include <runtime/process/event_loop.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace troupe {

/// Holds the limits of a run's process tree but for its time: looks when there is reason to, and tells which limit was
/// passed.
class limit_keeper {
public:
  /// `on_near` comes when the kernel says that memory is at its limit, mostly before it kills.
  limit_keeper(event_loop& loop, const run_plan& plan, std::function<void(stop_cause)> on_passed, std::function<void()> on_near);
  ~limit_keeper();

  resource_guard& guard() noexcept { return *guard_; }
  void begin();
  /// Whether the memory limit was passed, as of now.
  bool is_out_of_memory() { return plan_.memory_limit && guard_->look().out_of_memory; }
  /// No more looks; what was used in all.
  resource_use end();

private:
  void look();
  void look_again(std::chrono::milliseconds pause);
  void look_at_disk();
  void hear_news();
  void tell(stop_cause why);

  event_loop& loop_;
  const run_plan& plan_;
  std::function<void(stop_cause)> on_passed_;
  std::function<void()> on_near_;
  std::unique_ptr<resource_guard> guard_;
  folder_size disk_;
  std::optional<event_loop::timer_id> next_look_;
  std::optional<event_loop::timer_id> next_disk_look_;
  bool watches_news_ = false;
  int looks_after_news_ = 0;
};

} // namespace troupe
