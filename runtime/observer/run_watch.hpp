#pragma once

#include <chrono>
#include <optional>

namespace troupe {

/// The times an observer goes by.
struct run_limits {
  std::optional<std::chrono::milliseconds> timeout; ///< wall time of the script; none: unlimited
  std::chrono::milliseconds stop_grace{5'000};
  std::chrono::milliseconds orphan_grace{10'000};
  /// What the script left behind may end by itself for so long (a `tee` that empties its pipe), then gets SIGTERM, and
  /// after `leftover_grace` SIGKILL.
  std::chrono::milliseconds linger{300};
  std::chrono::milliseconds leftover_grace{1'000};
  /// Between two rounds of SIGKILL, and how long they go on before the observer gives up.
  std::chrono::milliseconds kill_interval{10};
  std::chrono::milliseconds kill_limit{10'000};
};

/// Why an observer ended the script.
enum class stop_cause { none, timed_out, cancelled, orphaned, memory, cpu, processes, disk };

enum class watch_action { none, terminate_tree, kill_tree, finish };

/// Decides when an observer stops what it runs, from facts and the time handed in; knows no process, clock or thread.
/// The run is over when no process of it is left: the script's own end is not enough.
class run_watch {
public:
  using time_point = std::chrono::steady_clock::time_point;

  run_watch(run_limits limits, time_point start);

  void script_ended(time_point now);
  void tree_is_empty() noexcept { tree_empty_ = true; }
  /// Nobody is attached: the user has moved or died, and another may come.
  void user_is_gone(time_point now);
  void user_is_back() noexcept { orphan_at_.reset(); }
  /// A limit was reached that leaves no time: SIGKILL at once.
  void exceed(time_point now, stop_cause cause);
  void cancel(time_point now, std::optional<std::chrono::milliseconds> grace = {});

  /// What is due; to be called after every fact and at `wake_at`. Each action is given once, `kill_tree` again and
  /// again until the tree is empty.
  watch_action next(time_point now);
  std::optional<time_point> wake_at() const;

  /// Set before the script's end only: a script that was faster than its limit ended by itself.
  stop_cause cause() const noexcept { return cause_; }
  bool is_stopping() const noexcept { return phase_ != phase::running; }
  /// True if what the script left behind had to be stopped.
  bool stopped_leftovers() const noexcept { return stopped_leftovers_; }
  /// True if processes were still there when the observer gave up.
  bool gave_up() const noexcept { return gave_up_; }

private:
  enum class phase { running, lingering, terminate_due, terminating, killing, done };

  void stop(time_point now, stop_cause cause, std::chrono::milliseconds grace);

  run_limits limits_;
  phase phase_ = phase::running;
  stop_cause cause_ = stop_cause::none;
  bool script_ended_ = false;
  bool tree_empty_ = false;
  bool stopped_leftovers_ = false;
  bool gave_up_ = false;
  std::chrono::milliseconds grace_{0};
  std::optional<time_point> timeout_at_;
  std::optional<time_point> orphan_at_;
  std::optional<time_point> phase_ends_;
  time_point kill_ends_;
};

} // namespace troupe
