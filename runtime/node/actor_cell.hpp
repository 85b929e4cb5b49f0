#pragma once

#include <troupe/actor.hpp>

#include "runtime/directory/epoch.hpp"
#include "runtime/node/executor.hpp"
#include "runtime/node/mailbox.hpp"
#include "runtime/packages/class_source.hpp"
#include "runtime/supervision/supervision_spec.hpp"

#include <atomic>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

class local_node;
class send_batch;
struct cell_extras;

/// Which class the actors of one creation have, and how they are supervised; shared by them.
struct cell_class {
  loaded_class loaded;
  class_desc desc;
  supervision_spec supervision;
};

/// What a cell is at. Changed in the cell's turn only.
enum class cell_state : std::uint8_t {
  unborn, ///< its name is being reserved; messages wait
  living,
  frozen,  ///< between two messages, while it moves; messages wait
  leaving, ///< runs its exit hook; takes no more messages
  restarting,  ///< its object failed, and a new one is not there yet; messages wait
  quarantined, ///< it failed too often and has no object; messages are refused
  dead,    ///< whatever still arrives is refused
};

/// A frozen actor: what another node needs to go on with it.
struct frozen_actor {
  json state;
  std::vector<message_ptr> mailbox; ///< copies: the cell keeps its own until it leaves
  std::vector<std::string> sent_to; ///< whose messages from it must have arrived before it goes on elsewhere
};

/// One actor in its node: mailbox, turns, and the context that the actor sees. Counted; lives as long as somebody may
/// still push into it. Everything but `deliver`, `post`, `birth`'s caller and the getters of fixed data belongs to the
/// cell's turn.
class actor_cell final : public runnable, public context {
public:
  actor_cell(local_node& home, executor& turns, std::string name, std::shared_ptr<const cell_class> of);
  ~actor_cell() override;

  // For other threads.
  /// Fails with `mailbox_full`. A dead cell refuses by itself.
  bool deliver(message_ptr what);
  bool deliver(message_ptr what, std::uint32_t limit);
  void post(std::function<void()> what);
  /// Makes the actor and runs `pre_run` with `budget`; to be called once, by the thread that holds the first turn. `done`
  /// hears whether it lives.
  void birth(seconds budget, std::function<void(result<>)> done);
  /// For an unborn cell: what `birth` puts into the new object before `pre_run`.
  void set_checkpoint(json checkpoint);
  /// Undoes an unborn cell; its messages are routed anew.
  void abandon();
  /// Ends the actor after the present message, its exit hook included; `done` hears when it has ended. `patience` is the
  /// time for a handler that waits.
  void finish(std::string reason, seconds patience, std::function<void()> done);

  // Moving (cell_move.cpp). `done` functions run in the cell's turn.
  /// Stops it between two messages, as soon as nothing of it is under way: no handler, no ask, no promised answer. Fails
  /// after `patience` with what is under way, and then it works on.
  void freeze(seconds patience, std::function<void(result<frozen_actor>)> done);
  void thaw();
  /// A frozen actor goes: its object ends without its exit hook, the first `taken` messages of the mailbox are at the new
  /// place already, the rest and what still comes is given to `rest`; the name is taken off by `unlist` before.
  void depart(std::size_t taken, std::function<void()> unlist, std::function<void(message_ptr)> rest,
              std::function<void()> done);
  /// A replica, by the thread that holds the first turn: makes the object with `state`.
  result<> embody(const json& state);
  /// A replica begins to live: `moved` runs, then it takes messages. `done` hears how `moved` ended.
  void enliven(std::vector<message_ptr> first, std::function<void(result<>)> done);

  /// Parameters, saved state, tickers, timers, observers: what moves and what is checkpointed. In the cell's turn.
  json export_state() const;
  /// Takes what `export_state` gave into the present object; its timers start with `resume_timers`.
  result<> import_state(const json& state);

  bool is_freezing() const noexcept { return freezing_.load(); } ///< or frozen
  /// While true, messages of this node come through the route table: earlier ones are still under way.
  bool is_guarded() const noexcept { return guarded_.load(std::memory_order_acquire); }
  void set_guarded(bool guarded) noexcept { guarded_.store(guarded, std::memory_order_release); }

  const cell_class& of() const noexcept { return *class_; }
  /// Since when the directory has the name here. Any thread; set once it is reserved, before that all zero.
  epoch since() const noexcept {
    const auto counter = since_counter_.load(std::memory_order_acquire);
    return counter == 0 ? epoch{} : epoch{since_incarnation_.load(std::memory_order_relaxed), counter};
  }
  void placed(const epoch& since) noexcept {
    since_incarnation_.store(since.incarnation, std::memory_order_relaxed);
    since_counter_.store(since.counter, std::memory_order_release);
  }
  /// After the end: whether a handler or the exit hook was cut off. In the cell's turn.
  bool was_forced() const noexcept;
  std::size_t queued() const noexcept { return mailbox_.size(); }

  /// Makes the object anew from its last checkpoint; `done` hears whether it lives. `alone`: its group does not follow.
  void restart(std::string reason, bool alone, std::function<void(result<>)> done);
  /// Takes it out of quarantine; `done` hears whether it lives.
  void resume(std::function<void(result<>)> done);
  /// The handler that is at work: its command (null: none) and the node's tick at its beginning.
  struct work {
    const std::string* command = nullptr;
    std::uint32_t since = 0;
  };
  work at_work() const noexcept {
    return {busy_with_.load(std::memory_order_relaxed), busy_since_.load(std::memory_order_relaxed)};
  }

  bool run() override;

  // The actor's context.
  const std::string& name() const noexcept override { return name_; }
  const std::string& node() const noexcept override;
  const std::string& system() const noexcept override;
  const std::string& head() const noexcept override;
  using context::ask;
  using context::group_ask;
  using context::send;
  result<> send(request what) override;
  result<> forward(const message& what, address to) override;
  void ask_then(request what, std::function<void(message_ptr)> done) override;
  void group_ask_then(std::vector<request> what, seconds timeout,
                      std::function<void(std::vector<group_answer>)> done) override;
  void after(seconds time, std::function<void()> done) override;
  message_ptr current() const noexcept override { return current_; }
  responder promise() override;
  poster make_poster() override;
  std::string add_ticker(ticker_options options) override;
  void remove_ticker(std::string_view name) override;
  void start_timer(seconds time, json mid) override;
  void print(std::string_view line) override;
  void log(log_level level, std::string_view text) override;
  void checkpoint() override;
  void stop() override;

  // For the adaptor commands, in the cell's turn.
  cell_extras& extras();
  bool has_extras() const noexcept { return extras_ != nullptr; }
  actor* body() const noexcept { return actor_.get(); }
  local_node& home() const noexcept { return home_; }
  void start_ticker(const std::string& name);

private:
  /// A handler or hook that waits. Its frame lives here until it has ended.
  struct running {
    actor_cell* cell = nullptr;
    message_ptr what; ///< null for a hook
    async<reply> frame;
    std::function<void(const reply&)> on_end; ///< hooks only
    std::uint64_t hook = 0;                    ///< number of the hook
    bool blocking = true;
    bool ended = false;
  };

  void wake();
  void rest();
  bool has_work() const noexcept;
  void handle(const message_ptr& what);
  void complete(const message_ptr& what, reply answer);
  void start(running made);
  void sweep();
  void cut(running& what, const std::string& why);
  void run_hook(async<> hook, seconds budget, std::string what, std::function<void(const reply&)> done);
  void begin_work(const std::string& command) noexcept;
  void end_work() noexcept { busy_with_.store(nullptr, std::memory_order_relaxed); }
  // cell_failure.cpp
  void note_failure(const std::string& command, const std::string& reason);
  void settle_failure();
  void try_again(const std::string& why);
  void drop_object(const std::string& why);
  void rebirth();
  void rebirth_failed(const std::string& reason);
  void reborn();
  void quarantine(const std::string& why);
  void tell_reborn(const result<>& how);
  void start_checkpoints();
  void send_checkpoint();
  result<> bring_back_state();
  void notify_observers(const message& what);
  bool refuse_cycle(const message_ptr& what);
  void refuse_all(const std::string& reason, const std::string& letter = "actor_ended");
  void finish_late();
  void leave();
  void end();
  void work_off(int& left, send_batch& batch);
  void guarded(const std::function<void()>& what);
  bool blocked() const noexcept { return blocking_ != 0 || state_ != cell_state::living || freezing_.load(); }
  friend class answer_once;
  void promise_kept();
  void in_turn(std::uint32_t life, const message_ptr& current, bool traced, const std::function<void()>& what);
  void start_timer_message(std::uint64_t id);
  void pause_timers();
  void resume_timers();
  std::string under_way() const;
  void note_sent(const address& to);
  void begin_freeze(std::function<void(result<frozen_actor>)> done);
  void freeze_if_quiet();
  void not_frozen(const std::string& why);

  local_node& home_;
  executor& turns_;
  std::string name_;
  mailbox mailbox_;
  std::atomic<bool> scheduled_{true}; ///< the creator holds the first turn
  cell_state state_ = cell_state::unborn;
  bool held_ = true; ///< the creator still has the first turn
  bool any_ended_ = false;
  bool traces_ = false; ///< the present code belongs to a handler for which the mailbox waits
  bool leaves_ = false; ///< ends as soon as no handler waits
  bool departed_ = false; ///< it has moved
  bool is_quick_ = true; ///< the messages of its last turn took little time each
  bool failed_ = false; ///< its code threw, and what becomes of it is not decided yet
  std::atomic<bool> freezing_{false}; ///< no more messages are taken
  std::atomic<bool> guarded_{false};
  std::uint16_t blocking_ = 0; ///< handlers for which the mailbox waits
  std::uint32_t life_ = 0;     ///< number of the object: what was begun for an earlier one is dropped
  std::uint32_t open_asks_ = 0;
  std::atomic<std::uint32_t> promises_{0}; ///< answers that were promised and not given yet
  std::atomic<std::uint32_t> busy_since_{0};
  std::atomic<const std::string*> busy_with_{nullptr};
  std::atomic<std::uint32_t> since_incarnation_{0};
  std::atomic<std::uint64_t> since_counter_{0};
  std::shared_ptr<const cell_class> class_;
  std::unique_ptr<actor> actor_;
  message_ptr current_;
  std::list<running> running_;
  std::vector<std::pair<std::uint64_t, std::string>> outstanding_; ///< asks of the blocking handler: number, recipient
  std::unique_ptr<cell_extras> extras_;
};

} // namespace troupe
