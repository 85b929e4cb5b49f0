#pragma once

#include <actors/task/task_ports.hpp>
#include <actors/task/task_record.hpp>
#include <actors/task/venv_step.hpp>

#include <troupe/actor.hpp>

#include <coroutine>
#include <memory>
#include <vector>

namespace troupe {

/// Owns one run of a script: starts it once, reads its output, feeds its input, stops it, and tells its end. Nothing
/// here waits: the run works on the I/O thread of its host and comes back through a poster. When the actor goes, the
/// run is stopped first.
class task_actor : public actor {
public:
  explicit task_actor(const task_ports& ports) : ports_(ports) {}

  static void describe(class_builder<task_actor>& table);

  async<> pre_run() override;
  async<> moved() override;
  async<> exit() override;
  /// A run belongs to the process that started it; a task that has not started can go anywhere.
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
  reply cancel();
  reply get_state();
  reply wait_end();

  // task_venv.cpp: before the script, and after it.
  void on_preparing();
  void on_venv(run_plan plan, const result<>& how);
  void give_up();
  void serve_last_reads();
  reply venv_progress(const message& what);

  json state() const;
  void begin_run(const run_plan& plan);
  void on_started(const run_started& how);
  void on_rejected(const std::string& reason);
  void on_end(const run_result& how);
  void tell_end();

  const task_ports ports_;
  task_record record_;
  venv_step venv_;
  poster post_;
  std::shared_ptr<run> run_;
  responder started_; // of `start`
  std::vector<responder> waiting_for_end_;
  end_awaiter* exit_waits_ = nullptr;
};

/// The class `Task` of the package `troupe`.
class_info make_task_class(task_ports ports);

} // namespace troupe
