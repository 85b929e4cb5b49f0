// A cell that is frozen, leaves its node, or comes to life as a replica.
#include "runtime/node/actor_cell.hpp"
#include "runtime/node/cell_extras.hpp"
#include "runtime/node/local_node.hpp"

#include <mutex>

namespace troupe {

/// What keeps this actor from being frozen, in words; empty: nothing.
std::string actor_cell::under_way() const {
  for (const auto& busy : running_) {
    return busy.what ? "it is at work on " + busy.what->command() : "one of its hooks runs";
  }
  if (open_asks_ != 0) {
    return "it waits for the answers to " + std::to_string(open_asks_) + " asks";
  }
  if (const auto promised = promises_.load(); promised != 0) {
    return "it still owes " + std::to_string(promised) + " answers";
  }
  return {};
}

namespace {

/// Who waits for a freeze that has not begun: a handler may hold the turn for long.
struct freeze_ticket {
  std::mutex mutex;
  std::function<void(result<frozen_actor>)> done;

  std::function<void(result<frozen_actor>)> take() {
    std::lock_guard lock{mutex};
    return std::exchange(done, nullptr);
  }
};

} // namespace

void actor_cell::freeze(seconds patience, std::function<void(result<frozen_actor>)> done) {
  auto ticket = std::make_shared<freeze_ticket>();
  ticket->done = std::move(done);
  auto self = ref_ptr<actor_cell>::share(this);
  post([self, ticket] {
    if (auto tell = ticket->take()) {
      self->begin_freeze(std::move(tell));
    }
  });
  home_.timers().after(patience, [self, ticket] {
    if (auto tell = ticket->take()) {
      tell(fail(error_code::timed_out, "it could not be stopped between two messages in time: its handler holds its thread"));
      return;
    }
    self->post([self] {
      if (self->state_ == cell_state::living) {
        self->not_frozen("it could not be stopped between two messages in time: " + self->under_way());
      }
    });
  });
}

void actor_cell::begin_freeze(std::function<void(result<frozen_actor>)> done) {
  if (departed_) {
    done(fail(error_code::not_found, "it has left " + node()));
    return;
  }
  if (state_ != cell_state::living || leaves_ || freezing_.load()) {
    done(fail(error_code::conflict,
              leaves_ || state_ == cell_state::dead ? "it is being removed" : "it is not at work now"));
    return;
  }
  std::string why;
  try {
    why = actor_->stays();
  } catch (...) {
    why = "it does not say whether it can move: an exception";
  }
  if (!why.empty()) {
    done(fail(error_code::conflict, std::move(why)));
    return;
  }
  freezing_ = true;
  extras().on_frozen = std::move(done);
  freeze_if_quiet();
}

/// The freeze that is under way comes to nothing.
void actor_cell::not_frozen(const std::string& why) {
  if (freezing_.load() && extras_ && extras_->on_frozen) {
    freezing_ = false;
    std::exchange(extras_->on_frozen, nullptr)(fail(error_code::conflict, why));
  }
}

void actor_cell::freeze_if_quiet() {
  if (!freezing_.load() || state_ != cell_state::living || !under_way().empty()) {
    return;
  }
  if (leaves_ || failed_) {
    not_frozen(leaves_ ? "it is being removed" : "it has failed");
    return;
  }
  frozen_actor out;
  try {
    out.state = export_state();
  } catch (const std::exception& problem) {
    not_frozen(std::string{"its state could not be saved: "} + problem.what());
    return;
  } catch (...) {
    not_frozen("its state could not be saved: an exception of unknown type");
    return;
  }
  auto done = std::exchange(extras().on_frozen, nullptr);
  pause_timers();
  state_ = cell_state::frozen;
  out.sent_to.assign(extras().sent_to.begin(), extras().sent_to.end());
  mailbox_.inspect_all([&out](const message_ptr& what) {
    out.mailbox.push_back(what);
    return false;
  });
  done(std::move(out));
}

void actor_cell::pause_timers() {
  for (auto& [name, ticker] : extras().tickers) {
    home_.timers().cancel(ticker.timer);
  }
  for (auto& [id, timer] : extras().timer_messages) {
    home_.timers().cancel(timer.timer);
  }
}

void actor_cell::resume_timers() {
  if (!extras_) {
    return;
  }
  for (const auto& [name, ticker] : extras_->tickers) {
    start_ticker(name);
  }
  for (const auto& [id, timer] : extras_->timer_messages) {
    start_timer_message(id);
  }
}

void actor_cell::thaw() {
  post([self = ref_ptr<actor_cell>::share(this)] {
    auto& cell = *self;
    if (cell.state_ != cell_state::frozen) {
      return;
    }
    cell.state_ = cell_state::living;
    cell.freezing_ = false;
    cell.resume_timers();
    for (auto& waiting : std::exchange(cell.extras().stashed, {})) {
      cell.in_turn(cell.life_, nullptr, false, waiting);
    }
    cell.sweep();
  });
}

void actor_cell::depart(std::size_t taken, std::function<void()> unlist, std::function<void(message_ptr)> rest,
                        std::function<void()> done) {
  post([self = ref_ptr<actor_cell>::share(this), taken, unlist = std::move(unlist), rest = std::move(rest),
        done = std::move(done)] {
    auto& cell = *self;
    unlist();
    for (std::size_t left = taken; left > 0 && cell.mailbox_.take_message(); --left) {
    }
    while (auto what = cell.mailbox_.take_message()) {
      rest(std::move(what));
    }
    cell.state_ = cell_state::dead;
    cell.departed_ = true;
    cell.home_.failures().forget(cell.name_);
    cell.actor_.reset();
    for (auto timer : cell.extras().timers) {
      cell.home_.timers().cancel(timer);
    }
    auto told = std::move(cell.extras().on_ended);
    cell.extras_.reset();
    done();
    for (auto& tell : told) {
      tell();
    }
  });
}

result<> actor_cell::embody(const json& state) {
  result<> made;
  try {
    actor_ = class_->loaded.info->make();
    actor_->bind(this);
    made = import_state(state);
  } catch (const std::exception& problem) {
    made = fail(error_code::actor_failed, std::string{"its object could not be made: "} + problem.what());
  } catch (...) {
    made = fail(error_code::actor_failed, "its object could not be made: an exception of unknown type");
  }
  if (made) {
    extras().checkpoint = state;
  } else {
    actor_.reset();
  }
  return made;
}

void actor_cell::enliven(std::vector<message_ptr> first, std::function<void(result<>)> done) {
  for (auto at = first.rbegin(); at != first.rend(); ++at) {
    mailbox_.put_back(std::move(*at));
  }
  held_ = false;
  auto live = [this, done = std::move(done)](result<> how) {
    constexpr seconds checkpoint_pause{0.05}; // after the first messages
    state_ = cell_state::living;
    resume_timers();
    start_checkpoints();
    after(checkpoint_pause, [this] { checkpoint(); });
    if (!how) {
      note_failure("moved", how.error().text);
    }
    done(std::move(how));
  };
  try {
    auto hook = actor_->moved();
    if (!hook.valid()) {
      live({});
    } else {
      run_hook(std::move(hook), seconds{home_.options().exit_hook_s}, "moved", [live](const reply& answer) {
        live(answer.command() == "done" ? result<>{}
                                        : fail(error_code::actor_failed, answer.body().value("reason", "moved failed")));
      });
    }
  } catch (const std::exception& problem) {
    live(fail(error_code::actor_failed, problem.what()));
  } catch (...) {
    live(fail(error_code::actor_failed, "an exception of unknown type"));
  }
  rest();
}

} // namespace troupe
