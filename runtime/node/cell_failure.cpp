// What becomes of a cell whose actor's code threw: it goes on, gets a new object, or ends.
#include "runtime/node/actor_cell.hpp"
#include "runtime/node/cell_extras.hpp"
#include "runtime/node/local_node.hpp"

#include <fmt/format.h>

namespace troupe {

namespace {

constexpr seconds rebirth_budget{10}; ///< for `pre_run` of a new object
constexpr auto kept_ticker = "cumulative"; ///< the cell's own, not the object's

std::uint64_t seed_of(const std::string& name) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  return std::hash<std::string>{}(name) ^ static_cast<std::uint64_t>(now);
}

} // namespace

/// An exception of the actor's code. What follows is decided when none of that code is running any more.
void actor_cell::note_failure(const std::string& command, const std::string& reason) {
  if (state_ == cell_state::dead) {
    return;
  }
  home_.failures().note_error(name_, command, reason);
  const bool goes_on = class_->supervision.on_failure == failure_action::resume;
  if (goes_on || failed_ || leaves_ || state_ != cell_state::living) {
    return;
  }
  failed_ = true;
  extras().failure = command + ": " + reason;
}

void actor_cell::settle_failure() {
  failed_ = false;
  auto why = std::exchange(extras().failure, {});
  if (leaves_ || state_ != cell_state::living) {
    return;
  }
  if (class_->supervision.on_failure == failure_action::stop) {
    home_.stop_failed(name_, "it failed in " + why);
    return;
  }
  extras().restarts_alone = false;
  try_again(why);
}

/// A new object after the wait of its policy, or quarantine.
void actor_cell::try_again(const std::string& why) {
  drop_object("the actor " + name_ + " failed and is made anew: " + why);
  auto& more = extras();
  if (!more.restarts) {
    more.restarts = std::make_unique<restart_policy>(class_->supervision.limits, seed_of(name_));
  }
  const auto wait = more.restarts->failed(std::chrono::steady_clock::now());
  if (!wait) {
    quarantine(why);
    return;
  }
  state_ = cell_state::restarting;
  more.restart_reason = why;
  home_.failures().note_condition(name_, failure_board::condition::restarting);
  home_.log(log_level::warning, fmt::format("{} is made anew in {:.3f} s: {}", name_, wait->count(), why));
  after(*wait, [this] { rebirth(); });
}

/// Nothing of the object is left: its handlers, its timers, what it still waits for. Its askers hear why.
void actor_cell::drop_object(const std::string& why) {
  ++life_;
  not_frozen("it failed and is made anew");
  while (!running_.empty()) {
    running_.front().on_end = nullptr;
    cut(running_.front(), why);
  }
  outstanding_.clear();
  current_.reset();
  traces_ = false;
  any_ended_ = false;
  if (extras_) {
    for (auto timer : extras_->timers) {
      home_.timers().cancel(timer);
    }
    extras_->timers.clear();
    for (auto& [id, timer] : extras_->timer_messages) {
      home_.timers().cancel(timer.timer);
    }
    extras_->timer_messages.clear();
    std::erase_if(extras_->tickers, [this](auto& item) {
      const bool goes = item.first != kept_ticker;
      if (goes) {
        home_.timers().cancel(item.second.timer);
      }
      return goes;
    });
  }
  actor_.reset();
  end_work();
}

void actor_cell::rebirth() {
  async<> hook;
  try {
    actor_ = class_->loaded.info->make();
    actor_->bind(this);
    if (auto restored = restore_checkpoint(); !restored) {
      rebirth_failed(restored.error().text);
      return;
    }
    hook = actor_->pre_run();
  } catch (const std::exception& problem) {
    rebirth_failed(problem.what());
    return;
  } catch (...) {
    rebirth_failed("an exception of unknown type");
    return;
  }
  if (!hook.valid()) {
    reborn();
    return;
  }
  run_hook(std::move(hook), rebirth_budget, "pre_run", [this](const reply& answer) {
    if (answer.command() == "done") {
      reborn();
    } else {
      rebirth_failed(answer.body().value("reason", "pre_run failed"));
    }
  });
}

void actor_cell::rebirth_failed(const std::string& reason) {
  home_.failures().note_error(name_, "pre_run", reason);
  tell_reborn(fail(error_code::actor_failed, "the actor " + name_ + " could not be made anew: " + reason));
  try_again("pre_run: " + reason);
}

void actor_cell::reborn() {
  state_ = cell_state::living;
  home_.failures().note_restart(name_);
  home_.log(log_level::info, name_ + " has been made anew: " + extras().restart_reason);
  resume_timers();
  start_checkpoints();
  tell_reborn({});
  if (!class_->supervision.group.empty() && !extras().restarts_alone) {
    (void)home_.send(request{address{home_.options().daemon_node, std::string{local_admin_entity}}, "actor_was_restarted",
                             json{{"name", name_}, {"reason", extras().restart_reason}}, {}, {}, {}});
  }
}

void actor_cell::quarantine(const std::string& why) {
  state_ = cell_state::quarantined;
  extras().restart_reason = why;
  home_.failures().note_condition(name_, failure_board::condition::quarantined);
  home_.log(log_level::error, name_ + " failed too often and is in quarantine until resume_actor: " + why);
  tell_reborn(fail(error_code::conflict, "the actor " + name_ + " is in quarantine: " + why));
  (void)home_.send(request{address{home_.options().daemon_node, std::string{local_admin_entity}}, "actor_is_quarantined",
                           json{{"name", name_}, {"reason", why}, {"node", home_.options().node}}, {}, {}, {}});
}

void actor_cell::restart(std::string reason, bool alone, std::function<void(result<>)> done) {
  post([self = ref_ptr<actor_cell>::share(this), reason = std::move(reason), alone, done = std::move(done)]() mutable {
    auto& cell = *self;
    if (cell.state_ == cell_state::quarantined) {
      done(fail(error_code::conflict, "the actor " + cell.name_ + " is in quarantine; resume_actor takes it out"));
      return;
    }
    if (cell.leaves_ || (cell.state_ != cell_state::living && cell.state_ != cell_state::restarting)) {
      done(fail(error_code::conflict, "the actor " + cell.name_ + " is being made or ends"));
      return;
    }
    auto& more = cell.extras();
    more.on_reborn.emplace_back(std::move(done));
    if (cell.state_ == cell_state::restarting) {
      return;
    }
    more.restarts_alone = alone;
    more.restart_reason = std::move(reason);
    cell.drop_object("the actor " + cell.name_ + " is made anew: " + more.restart_reason);
    cell.state_ = cell_state::restarting;
    cell.home_.failures().note_condition(cell.name_, failure_board::condition::restarting);
    cell.rebirth();
  });
}

void actor_cell::resume(std::function<void(result<>)> done) {
  post([self = ref_ptr<actor_cell>::share(this), done = std::move(done)]() mutable {
    auto& cell = *self;
    if (cell.state_ != cell_state::quarantined) {
      done(fail(error_code::conflict, "the actor " + cell.name_ + " is not in quarantine"));
      return;
    }
    auto& more = cell.extras();
    more.restarts->resume();
    more.on_reborn.emplace_back(std::move(done));
    cell.state_ = cell_state::restarting;
    cell.home_.failures().note_condition(cell.name_, failure_board::condition::restarting);
    cell.rebirth();
  });
}

void actor_cell::tell_reborn(const result<>& how) {
  if (extras_) {
    for (auto& tell : std::exchange(extras_->on_reborn, {})) {
      tell(how);
    }
  }
}

} // namespace troupe
