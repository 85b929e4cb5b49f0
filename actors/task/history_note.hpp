#pragma once

#include <actors/task/task_ports.hpp>

#include <runtime/observer/run_plan.hpp>

#include <troupe/actor.hpp>

#include <functional>
#include <string>

namespace troupe {

/// Tells the history of runs what becomes of a task, and tells it again until it is answered: the daemon may be away. What
/// is told is always all that is known, so that an earlier note may be lost. In the actor's turn.
class history_note {
public:
  explicit history_note(const task_ports& ports) : ports_(ports) {}

  /// The start of the task was accepted; `who` asked for it.
  void begin(const message& start);
  void set_plan(const run_plan& plan);

  /// The state of the task has changed. `state` makes the body of `task_state`.
  void tell(context& ctx, std::function<json()> state);
  /// `run_is_noted`.
  void answered(const message& what);
  /// A new object of the task goes on.
  void go_on(context& ctx, std::function<json()> state);

  json save() const;
  /// Throws `json::exception` for what `save` did not give.
  void load(const json& value);

private:
  void send(context& ctx);
  json note() const;

  const task_ports& ports_;
  std::function<json()> state_;
  json request_; ///< null: too large to be kept
  json params_;
  json limits_;
  std::string who_;
  std::string script_;
  std::string accepted_at_;
  std::string ended_at_;
  std::uint64_t kept_limit_ = 0;
  bool keeps_out_ = true;
  bool keeps_err_ = true;
  std::uint64_t told_ = 0; ///< the number of the newest note
  std::uint64_t noted_ = 0;
  int repeats_ = 0; ///< of the newest note
};

} // namespace troupe
