// The birth and the end of a cell.
#include "runtime/node/actor_cell.hpp"
#include "runtime/node/cell_extras.hpp"
#include "runtime/node/local_node.hpp"
#include "runtime/node/log_text.hpp"

namespace troupe {

void actor_cell::birth(seconds budget, std::function<void(result<>)> done) {
  held_ = false;
  auto undo = [this, done](const std::string& why) {
    running_.clear();
    blocking_ = 0;
    actor_.reset();
    done(fail(error_code::actor_failed, "the actor " + name_ + " could not be made: " + why));
  };
  try {
    actor_ = class_->loaded.info->make();
    actor_->bind(this);
    // Only one that is made again, in another process than before, has a checkpoint by now.
    const bool again = extras_ && !extras_->checkpoint.is_null();
    auto taken = again ? import_state(extras_->checkpoint) : result<>{};
    auto hook = taken ? actor_->pre_run() : async<>{};
    auto live = [this, done, again] {
      state_ = cell_state::living;
      if (again) {
        resume_timers();
      }
      start_checkpoints();
      done({});
    };
    if (!taken) {
      undo(taken.error().text);
    } else if (!hook.valid()) {
      live();
    } else {
      run_hook(std::move(hook), budget, "pre_run", [undo, live](const reply& answer) {
        if (answer.command() == "done") {
          live();
        } else {
          undo(answer.body().value("reason", "pre_run failed"));
        }
      });
    }
  } catch (const std::exception& problem) {
    undo(problem.what());
  } catch (...) {
    undo("an exception of unknown type");
  }
  rest();
}

void actor_cell::run_hook(async<> hook, seconds budget, std::string what, std::function<void(const reply&)> done) {
  const auto id = ++extras().hook_count;
  after(budget, [this, id, what, budget] {
    for (auto& candidate : running_) {
      if (candidate.hook == id && !candidate.ended) {
        ++life_; // no answer must wake what is cut
        cut(candidate, what + " took longer than " + std::to_string(budget.count()) + " s");
        return;
      }
    }
  });
  start(running{this, nullptr, detail::with_done(std::move(hook)), std::move(done), id, true, false});
}

void actor_cell::abandon() {
  mailbox_.push([self = ref_ptr<actor_cell>::share(this)] {
    auto& cell = *self;
    cell.state_ = cell_state::dead;
    cell.home_.forget(cell);
    while (auto what = cell.mailbox_.take_message()) {
      (void)cell.home_.route(std::move(what), lane::answer);
    }
    if (cell.extras_) {
      for (auto& tell : std::exchange(cell.extras_->on_ended, {})) {
        tell();
      }
    }
  });
  if (std::exchange(held_, false)) {
    rest();
  } else {
    wake();
  }
}

void actor_cell::finish(std::string reason, seconds patience, std::function<void()> done) {
  auto self = ref_ptr<actor_cell>::share(this);
  post([self, patience, done = std::move(done)]() mutable {
    auto& cell = *self;
    if (cell.state_ == cell_state::dead) {
      done();
      return;
    }
    cell.extras().on_ended.push_back(std::move(done));
    if (cell.leaves_) {
      return;
    }
    cell.leaves_ = true;
    if (cell.state_ == cell_state::restarting || cell.state_ == cell_state::quarantined) {
      cell.end();
      return;
    }
    if (cell.blocking_ == 0 && cell.state_ == cell_state::living) {
      cell.leave();
      return;
    }
    cell.home_.timers().after(patience, [self] { self->post([self] { self->finish_late(); }); });
  });
}

/// The patience with a removed actor has ended: what still runs is cut off.
void actor_cell::finish_late() {
  if (state_ == cell_state::frozen) {
    state_ = cell_state::living; // it moved while its node ended
    freezing_ = false;
  }
  if (state_ != cell_state::living) {
    return;
  }
  extras().forced = true;
  ++life_;
  while (!running_.empty()) {
    cut(running_.front(), "the actor was removed while it worked on this");
  }
  leave();
}

void actor_cell::leave() {
  state_ = cell_state::leaving;
  async<> hook;
  try {
    hook = actor_->exit();
  } catch (const std::exception& problem) {
    home_.log(log_level::error, name_ + ": exit failed: " + problem.what());
  } catch (...) {
    home_.log(log_level::error, name_ + ": exit failed: an exception of unknown type");
  }
  if (!hook.valid()) {
    end();
    return;
  }
  run_hook(std::move(hook), seconds{home_.options().exit_hook_s}, "exit", [this](const reply& answer) {
    if (answer.command() != "done") {
      extras().forced = true;
      home_.log(log_level::error, name_ + ": exit failed: " + log_text(answer.body()));
    }
    end();
  });
}

void actor_cell::end() {
  state_ = cell_state::dead;
  not_frozen("it was removed");
  tell_reborn(fail(error_code::conflict, "the actor " + name_ + " ended"));
  std::vector<std::function<void()>> told;
  if (extras_) {
    for (auto& [name, ticker] : extras_->tickers) {
      home_.timers().cancel(ticker.timer);
    }
    for (auto timer : extras_->timers) {
      home_.timers().cancel(timer);
    }
    for (auto& [id, timer] : extras_->timer_messages) {
      home_.timers().cancel(timer.timer);
    }
    told = std::move(extras_->on_ended);
    const bool forced = extras_->forced;
    extras_ = std::make_unique<cell_extras>();
    extras_->forced = forced;
  }
  for (auto& left : running_) {
    if (left.what) {
      home_.answer(*left.what, reply::failed("the actor ended while it worked on this"));
    }
  }
  // The frames may hold what calls this function; they go with the next turn.
  post([self = ref_ptr<actor_cell>::share(this)] {
    self->running_.clear();
    self->actor_.reset();
  });
  home_.forget(*this);
  home_.failures().forget(name_);
  refuse_all("the actor " + name_ + " was removed before it took this message");
  for (auto& tell : told) {
    tell();
  }
}

} // namespace troupe
