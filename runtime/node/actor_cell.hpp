#pragma once

#include <troupe/actor.hpp>

#include "runtime/node/executor.hpp"
#include "runtime/node/mailbox.hpp"
#include "runtime/packages/class_source.hpp"

#include <atomic>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

class local_node;
struct cell_extras;

/// Which class the actors of one creation have; shared by them.
struct cell_class {
  loaded_class loaded;
  class_desc desc;
};

/// What a cell is at. Changed in the cell's turn only.
enum class cell_state : std::uint8_t {
  unborn, ///< its name is being reserved; messages wait
  living,
  leaving, ///< runs its exit hook; takes no more messages
  dead,    ///< whatever still arrives is refused
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

  const cell_class& of() const noexcept { return *class_; }
  /// After the end: whether a handler or the exit hook was cut off. In the cell's turn.
  bool was_forced() const noexcept;
  std::size_t queued() const noexcept { return mailbox_.size(); }

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
  result<> restore_checkpoint();
  void run_hook(async<> hook, seconds budget, std::string what, std::function<void(const reply&)> done);
  void notify_observers(const message& what);
  bool refuse_cycle(const message_ptr& what);
  void refuse_all(const std::string& reason);
  void leave();
  void end();
  void guarded(const std::function<void()>& what);
  bool blocked() const noexcept { return blocking_ != 0 || state_ != cell_state::living; }

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
  std::uint16_t blocking_ = 0; ///< handlers for which the mailbox waits
  std::shared_ptr<const cell_class> class_;
  std::unique_ptr<actor> actor_;
  message_ptr current_;
  std::list<running> running_;
  std::vector<std::pair<std::uint64_t, std::string>> outstanding_; ///< asks of the blocking handler: number, recipient
  std::unique_ptr<cell_extras> extras_;
};

} // namespace troupe
