#include "runtime/node/actor_cell.hpp"

#include "runtime/link/send_batch.hpp"
#include "runtime/node/adaptor.hpp"
#include "runtime/node/cell_extras.hpp"
#include "runtime/node/local_node.hpp"
#include "runtime/node/log_text.hpp"
#include "runtime/node/wake_batch.hpp"

#include <algorithm>

namespace troupe {

namespace {
constexpr int messages_per_turn = 128;
/// An actor whose messages take longer sends each frame at once.
constexpr std::chrono::microseconds quick_message{50};
using clock = std::chrono::steady_clock;
constexpr std::size_t inspected_queue = 1000; ///< a longer queue is not searched for ask cycles

const std::string& unnamed_command() {
  static const auto& text = *new std::string{"(a command that the class does not name)"};
  return text;
}

const std::string& callback() {
  static const auto& text = *new std::string{"(a callback)"};
  return text;
}
} // namespace

actor_cell::actor_cell(local_node& home, executor& turns, std::string name, std::shared_ptr<const cell_class> of)
  : home_(home), turns_(turns), name_(std::move(name)), class_(std::move(of)) {}

actor_cell::~actor_cell() = default;

bool actor_cell::deliver(message_ptr what) { return deliver(std::move(what), home_.options().mailbox_limit); }

bool actor_cell::deliver(message_ptr what, std::uint32_t limit) {
  if (!mailbox_.push(std::move(what), limit)) {
    return false;
  }
  wake();
  return true;
}

void actor_cell::post(std::function<void()> what) {
  mailbox_.push(std::move(what));
  wake();
}

void actor_cell::wake() {
  if (!scheduled_.load(std::memory_order_seq_cst) && !scheduled_.exchange(true) && !wake_batch::collect(turns_, *this)) {
    turns_.schedule(*this);
  }
}

bool actor_cell::has_work() const noexcept {
  if (mailbox_.has_system()) {
    return true;
  }
  switch (state_) {
  case cell_state::living:
    if (freezing_.load()) {
      return false;
    }
    return blocking_ == 0 ? mailbox_.has_messages() : mailbox_.has_new_messages();
  case cell_state::dead:
  case cell_state::quarantined:
    return mailbox_.has_messages();
  default:
    return false;
  }
}

bool actor_cell::run() {
  send_batch batch;
  const auto begin = clock::now();
  int left = messages_per_turn;
  work_off(left, batch);
  is_quick_ = clock::now() - begin < quick_message * (1 + messages_per_turn - left);
  batch.end();
  if (has_work()) {
    return true;
  }
  scheduled_.store(false, std::memory_order_seq_cst);
  return has_work() && !scheduled_.exchange(true);
}

/// Up to so many messages. What short handlers send one after the other leaves together.
void actor_cell::work_off(int& left, send_batch& batch) {
  for (; left > 0; --left) {
    if (auto next = mailbox_.take_system()) {
      if (is_quick_ && mailbox_.has_system()) {
        batch.open();
      }
      guarded(next);
      sweep();
      if (failed_) {
        settle_failure();
      }
      continue;
    }
    if (state_ == cell_state::dead) {
      refuse_all("the actor " + name_ + " has ended");
      break;
    }
    if (state_ == cell_state::quarantined) {
      refuse_all("the actor " + name_ + " is in quarantine: " + extras().restart_reason, "quarantine");
      break;
    }
    if (blocked()) {
      if (blocking_ != 0 && state_ == cell_state::living && mailbox_.has_new_messages()) {
        mailbox_.inspect_new([this](const message_ptr& what) { return refuse_cycle(what); });
      }
      break;
    }
    auto what = mailbox_.take_message();
    if (!what) {
      break;
    }
    if (is_quick_ && mailbox_.has_messages()) {
      batch.open();
    }
    handle(what);
    if (failed_) {
      settle_failure();
    }
  }
}

void actor_cell::rest() {
  if (has_work()) {
    turns_.schedule(*this);
    return;
  }
  scheduled_.store(false, std::memory_order_seq_cst);
  if (has_work() && !scheduled_.exchange(true)) {
    turns_.schedule(*this);
  }
}

void actor_cell::begin_work(const std::string& command) noexcept {
  busy_since_.store(home_.tick(), std::memory_order_relaxed);
  busy_with_.store(&command, std::memory_order_relaxed);
}

void actor_cell::guarded(const std::function<void()>& what) {
  const bool idle = blocking_ == 0;
  if (idle) {
    begin_work(callback());
  }
  std::string problem;
  try {
    what();
  } catch (const std::exception& thrown) {
    problem = thrown.what();
    problem = problem.empty() ? "an exception without a text" : problem;
  } catch (...) {
    problem = "an exception of unknown type";
  }
  if (idle && blocking_ == 0) {
    end_work();
  }
  if (!problem.empty()) {
    home_.log(log_level::error, name_ + ": an exception outside of a handler: " + log_text(problem));
    note_failure(current_ ? current_->command() : callback(), problem);
    traces_ = false;
    current_.reset();
  }
}

void actor_cell::handle(const message_ptr& what) {
  current_ = what;
  adaptor::note_received(*this, *what);
  const auto& commands = class_->loaded.info->commands;
  auto at = commands.find(what->command());
  const bool blocking = at == commands.end() || !at->second.reentrant;
  begin_work(at == commands.end() ? unnamed_command() : at->first);
  outcome result = reply::done();
  try {
    if (auto answer = adaptor::handle(*this, *what)) {
      if (answer->what() != reply::kind::later) {
        home_.answer(*what, std::move(*answer));
      }
      end_work();
      current_.reset();
      return;
    }
    traces_ = blocking;
    result = at == commands.end() ? outcome{actor_->unknown(*what)} : at->second.handle(*actor_, *what);
  } catch (const std::exception& problem) {
    result = reply::thrown(problem.what());
  } catch (...) {
    result = reply::thrown("an exception of unknown type");
  }
  if (auto* answer = std::get_if<reply>(&result)) {
    traces_ = false;
    outstanding_.clear();
    complete(what, std::move(*answer));
    end_work();
    current_.reset();
    return;
  }
  start(running{this, what, std::move(std::get<async<reply>>(result)), nullptr, 0, blocking, false});
  if (blocking_ == 0) {
    end_work();
  }
}

void actor_cell::start(running made) {
  running_.push_back(std::move(made));
  auto& kept = running_.back();
  blocking_ += kept.blocking ? 1 : 0;
  auto& promise = kept.frame.handle().promise();
  promise.on_done_arg = &kept;
  promise.on_done = [](void* arg) {
    auto& ended = *static_cast<running*>(arg);
    ended.ended = true;
    ended.cell->any_ended_ = true;
  };
  kept.frame.handle().resume();
  traces_ = false;
  current_.reset();
  sweep();
  if (blocking_ != 0 && mailbox_.size() != 0 && mailbox_.size() <= inspected_queue) {
    mailbox_.inspect_all([this](const message_ptr& what) { return refuse_cycle(what); });
  }
}

void actor_cell::sweep() {
  while (any_ended_) {
    any_ended_ = false;
    for (auto at = running_.begin(); at != running_.end();) {
      if (!at->ended) {
        ++at;
        continue;
      }
      std::list<running> ended;
      ended.splice(ended.begin(), running_, at++);
      auto& done = ended.front();
      auto answer = std::move(*done.frame.handle().promise().value);
      if (done.blocking) {
        if (--blocking_ == 0) {
          end_work();
        }
        outstanding_.clear();
      }
      if (done.on_end) {
        done.on_end(answer);
      } else {
        complete(done.what, std::move(answer));
      }
    }
  }
  if (freezing_.load() && state_ == cell_state::living) {
    freeze_if_quiet();
  }
  if (leaves_ && blocking_ == 0 && state_ == cell_state::living) {
    leave();
  }
}

void actor_cell::cut(running& what, const std::string& why) {
  what.frame = {};
  blocking_ -= what.blocking ? 1 : 0;
  if (blocking_ == 0) {
    end_work();
  }
  auto on_end = std::move(what.on_end);
  auto question = std::move(what.what);
  running_.remove_if([&](const running& other) { return &other == &what; });
  if (on_end) {
    on_end(reply::failed(why));
  } else if (question) {
    home_.answer(*question, reply::failed(why));
  }
}

void actor_cell::complete(const message_ptr& what, reply answer) {
  if (answer.what() == reply::kind::later) {
    notify_observers(*what);
    return;
  }
  const bool known = answer.command() != "is_not_handled";
  if (!known) {
    answer.body() = json{{"mid", what->mid()}};
    home_.log(log_level::warning, name_ + " does not handle " + what->command());
  } else if (answer.command() == "actor_has_failed") {
    home_.log(log_level::error, name_ + " failed in " + what->command() + ": " + log_text(answer.body()));
    if (answer.what() == reply::kind::thrown) {
      note_failure(what->command(), answer.body()["reason"].get_ref<const std::string&>());
    }
  }
  home_.answer(*what, std::move(answer));
  if (known) {
    notify_observers(*what);
  }
}

void actor_cell::notify_observers(const message& what) {
  if (!extras_ || extras_->observers.empty()) {
    return;
  }
  auto at = extras_->observers.find(what.command());
  if (at == extras_->observers.end()) {
    return;
  }
  for (const auto& observer : at->second) {
    (void)send(request{observer, "notification", what.to_json(), {}, {}, {}});
  }
}

bool actor_cell::refuse_cycle(const message_ptr& what) {
  if (what->trace().empty()) {
    return false;
  }
  std::string path;
  bool cycle = false;
  for (const auto& hop : what->trace()) {
    cycle = cycle || (hop.actor == name_ && std::ranges::any_of(outstanding_, [&](const auto& ask) {
                        return ask.first == hop.ask;
                      }));
    path += cycle ? hop.actor + " → " : "";
  }
  const auto& asker = what->trace().back().actor;
  if (!cycle && name_ < asker && std::ranges::any_of(outstanding_, [&](const auto& ask) { return ask.second == asker; })) {
    cycle = true;
    path = name_ + " → " + asker + " → ";
  }
  if (cycle) {
    home_.answer(*what, reply::failed("a cycle of waiting actors: " + path + name_));
  }
  return cycle;
}

void actor_cell::refuse_all(const std::string& reason, const std::string& letter) {
  while (auto what = mailbox_.take_message()) {
    home_.bounce(*what, "actor_has_failed", json{{"reason", reason}, {"mid", what->mid()}}, letter);
  }
}

} // namespace troupe
