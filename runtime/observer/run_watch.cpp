#include <runtime/observer/run_watch.hpp>

#include <algorithm>

namespace troupe {

run_watch::run_watch(run_limits limits, time_point start) : limits_(limits) {
  if (limits_.timeout) {
    timeout_at_ = start + *limits_.timeout;
  }
}

void run_watch::script_ended(time_point now) {
  script_ended_ = true;
  timeout_at_.reset();
  if (phase_ == phase::running) {
    phase_ = phase::lingering;
    phase_ends_ = now + limits_.linger;
  }
}

void run_watch::user_is_gone(time_point now) {
  if (phase_ == phase::running) {
    orphan_at_ = now + limits_.orphan_grace;
  }
}

void run_watch::cancel(time_point now, std::optional<std::chrono::milliseconds> grace) {
  stop(now, stop_cause::cancelled, grace.value_or(limits_.stop_grace));
}

void run_watch::exceed(time_point now, stop_cause cause) {
  if (phase_ == phase::terminating || phase_ == phase::killing || phase_ == phase::done) {
    return; // it is being stopped for another reason
  }
  if (script_ended_) {
    stopped_leftovers_ = true;
  } else {
    cause_ = cause;
  }
  phase_ = phase::terminating;
  phase_ends_ = now;
}

void run_watch::stop(time_point now, stop_cause cause, std::chrono::milliseconds grace) {
  if (phase_ == phase::running || phase_ == phase::lingering) {
    if (!script_ended_) {
      cause_ = cause;
    } else {
      stopped_leftovers_ = true;
    }
    grace_ = grace;
    phase_ = phase::terminate_due;
  } else if (phase_ == phase::terminating && phase_ends_ && now + grace < *phase_ends_) {
    phase_ends_ = now + grace; // a second, more impatient stop
  }
}

watch_action run_watch::next(time_point now) {
  if (phase_ != phase::done && script_ended_ && tree_empty_) {
    phase_ = phase::done;
    return watch_action::finish;
  }
  if (phase_ == phase::running && timeout_at_ && now >= *timeout_at_) {
    stop(now, stop_cause::timed_out, limits_.stop_grace);
  }
  if (phase_ == phase::running && orphan_at_ && now >= *orphan_at_) {
    stop(now, stop_cause::orphaned, limits_.stop_grace);
  }
  if (phase_ == phase::lingering && now >= *phase_ends_) {
    stop(now, stop_cause::none, std::min(limits_.stop_grace, limits_.leftover_grace));
  }
  if (phase_ == phase::terminate_due) {
    phase_ = phase::terminating;
    phase_ends_ = now + grace_;
    return watch_action::terminate_tree;
  }
  if (phase_ == phase::terminating && now >= *phase_ends_) {
    phase_ = phase::killing;
    phase_ends_ = now;
    kill_ends_ = now + limits_.kill_limit;
  }
  if (phase_ == phase::killing && now >= *phase_ends_) {
    if (now >= kill_ends_) {
      gave_up_ = true;
      phase_ = phase::done;
      return watch_action::finish;
    }
    phase_ends_ = now + limits_.kill_interval;
    return watch_action::kill_tree;
  }
  return watch_action::none;
}

std::optional<run_watch::time_point> run_watch::wake_at() const {
  std::optional<time_point> out;
  const auto consider = [&](const std::optional<time_point>& when) {
    if (when && (!out || *when < *out)) {
      out = when;
    }
  };
  switch (phase_) {
  case phase::running:
    consider(timeout_at_);
    consider(orphan_at_);
    break;
  case phase::lingering:
  case phase::terminating:
  case phase::killing:
    consider(phase_ends_);
    break;
  case phase::terminate_due:
  case phase::done:
    break;
  }
  return out;
}

} // namespace troupe
