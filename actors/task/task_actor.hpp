#pragma once

#include <actors/task/held_asks.hpp>
#include <actors/task/history_note.hpp>
#include <actors/task/place_step.hpp>
#include <actors/task/script_calls.hpp>
#include <actors/task/task_ports.hpp>
#include <actors/task/task_record.hpp>
#include <actors/task/venv_step.hpp>

#include <troupe/actor.hpp>

#include <coroutine>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace troupe {

/// Owns one run of a script: starts it once, reads its output, feeds its input, stops it, and tells its end. Nothing
/// here waits: the run works on the I/O thread of its host and comes back through a poster. When the actor is removed, the
/// run is stopped first. When it moves, or is made anew after its node or its object failed, it attaches to the run, which
/// went on meanwhile.
class task_actor : public actor {
public:
  explicit task_actor(const task_ports& ports) : ports_(ports) {}

  static void describe(class_builder<task_actor>& table);

  async<> pre_run() override;
  async<> moved() override;
  async<> exit() override;
  json save() const override;
  void restore(const json& state) override;
  /// It never stays on its host. Asked for its leave to move, it lets go of the questions it has not answered yet: they
  /// travel in its mailbox, for an actor that owes answers is not moved.
  std::string stays() const override;

private:
  /// `co_await`: until the run is over, or nothing runs.
  struct end_awaiter {
    task_actor& task;
    std::coroutine_handle<> caller;
    ~end_awaiter() { task.exit_waits_ = nullptr; }
    bool await_ready() const noexcept { return !task.record_.is_begun() || task.record_.is_over(); }
    void await_suspend(std::coroutine_handle<> handle) noexcept {
      caller = handle;
      task.exit_waits_ = this;
    }
    void await_resume() const noexcept {}
  };

  reply start(const message& what);
  reply read_output(const message& what);
  reply write_stdin(const message& what);
  reply close_stdin();
  reply signal(const message& what);
  reply cancel(const message& what);
  reply get_state();
  reply wait_end();

  // task_calls.cpp: what the script asks of its task, in the actor's turn. A call comes again after a move.
  static void describe_calls(class_builder<task_actor>& table);
  void on_call(const run_call& what);
  void on_call_gone(std::uint64_t id);
  void await_answers();
  reply call_is_answered(const message& what);
  reply send_json(const message& what);
  void push_json(json value, responder answer);
  void hand_over_json();
  std::size_t cancel_children();
  async<reply> get_tree(const message& what);

  // task_venv.cpp: before the script, and after it.
  void on_preparing();
  void on_venv(run_plan plan, const result<>& how);
  void give_up();
  void serve_last_reads();
  reply venv_progress(const message& what);

  // task_place.cpp: the turn of this run, when only so many run at once.
  void prepared(run_plan plan);
  void on_queued(std::size_t position);
  void on_place(run_plan plan, const result<>& how);
  reply place_is_free();
  reply keep_early_input(std::optional<std::string> bytes, std::string key);
  void hand_over_input();
  void wait_again();
  /// Something comes before the script: what was said then is the output so far.
  bool is_before_run() const noexcept { return venv_.is_waiting() || place_.is_waiting(); }

  json state() const;
  /// Tells the history.
  void note();
  reply run_is_noted(const message& what);
  void begin_run(run_plan plan);
  void attach();
  run_events events_of_run();
  void on_started(const run_started& how);
  void on_rejected(const std::string& reason);
  void on_end(const run_result& how);
  void tell_end();

  const task_ports ports_;
  task_record record_;
  venv_step venv_;
  place_step place_;
  std::optional<std::uint64_t> position_; ///< in the queue of runs; a parameter
  /// Input that came before the script; without bytes: the end of it.
  struct early_input {
    std::optional<std::string> bytes;
    std::string key;
    responder answer;
  };
  std::vector<early_input> early_input_;
  json start_;                            ///< what it was started with, while it may have to be started by another object
  bool is_again_ = false;                 ///< an object before this one waited for the place
  poster post_;
  std::shared_ptr<run> run_;
  responder started_; // of `start`
  std::vector<responder> waiting_for_end_;
  std::unique_ptr<held_asks> asks_ = std::make_unique<held_asks>();
  script_calls calls_{ports_};
  history_note history_{ports_};
  std::vector<std::pair<json, responder>> early_json_; ///< sent before this object has reached the run
  bool has_reached_run_ = false;
  json input_; // of the run before, until it is attached again
  end_awaiter* exit_waits_ = nullptr;
};

/// The class `Task` of the package `troupe`.
class_info make_task_class(task_ports ports);

} // namespace troupe
