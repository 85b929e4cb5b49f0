#pragma once

#include <actors/task/start_request.hpp>

#include <runtime/observer/run_host.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

enum class task_state {
  accepted, ///< made; nothing was asked of it, or its script is being started
  preparing, ///< its environment is being made
  queued,    ///< it waits for its turn: only so many run at once
  running,
  stopping, ///< somebody asked for its end
  succeeded,
  failed,
  signalled,
  timed_out,
  memory_exceeded,
  cancelled,
  lost,
  rejected,
};

const char* to_string(task_state state);

/// The states of one task from its making to its one terminal state, and what is known of it. Pure: facts come in with
/// their time.
class task_record {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// False if it was begun before: a task runs once.
  bool begin(const start_request& wish, std::string id);
  void set_application(std::string folder) { application_ = std::move(folder); }
  /// Also when a run was attached again.
  void preparing();
  /// It waits for a place. False if it did before, or is past that.
  bool queued();
  /// Cancelled before anything ran.
  void given_up(std::string reason);
  void started(const run_started& how, time_point now);
  void stopping();
  void rejected(std::string reason);
  void ended(const run_result& how);

  task_state state() const noexcept { return state_; }
  bool is_begun() const noexcept { return begun_; }
  bool is_over() const noexcept { return state_ > task_state::stopping; }
  bool is_child() const noexcept { return !parent_.empty(); }
  bool is_running() const noexcept { return state_ == task_state::running || state_ == task_state::stopping; }
  const std::string& id() const noexcept { return id_; }
  pid_t os_pid() const noexcept { return os_pid_; }
  const std::string& reason() const noexcept { return reason_; }
  /// Why this task cannot take what only a running one can.
  std::string why_not_running() const;

  const std::string& application() const noexcept { return application_; }
  int depth() const noexcept { return depth_; }
  bool is_asked_to_stop() const noexcept { return asked_to_stop_; }
  bool has_stdin() const noexcept { return stdin_open_; }
  std::uint64_t epoch() const noexcept { return epoch_; }
  /// A new object of this task takes the run over. What it was brought back from may be older than the last object, so
  /// the epoch follows the clock, which all processes of a host share: who attaches later has the higher one.
  std::uint64_t next_epoch(time_point now) noexcept {
    const auto ticks = static_cast<std::uint64_t>(now.time_since_epoch().count());
    return epoch_ = std::max(epoch_ + 1, ticks);
  }

  /// What moves with a task and what it is brought back from. `load` throws `json::exception` for anything else.
  json save() const;
  void load(const json& value);

  /// The body of `task_state` (without `name` and `node`, which the actor knows).
  json to_json(const run_progress& progress, time_point now) const;

private:
  task_state state_ = task_state::accepted;
  bool begun_ = false;
  bool asked_to_stop_ = false;
  bool stdin_open_ = false;
  std::uint64_t epoch_ = 1;
  std::string id_;
  std::string script_;
  std::vector<std::string> args_;
  std::string parent_;
  std::string application_;
  int depth_ = 0;
  pid_t os_pid_ = 0;
  bool warm_ = false;
  std::string started_at_;
  time_point started_;
  std::optional<int> exit_code_;
  std::optional<int> signal_;
  std::string reason_;
  double duration_s_ = 0;
  std::uint64_t peak_memory_ = 0;
  double cpu_s_ = 0;
};

} // namespace troupe
