#include <actors/task/task_record.hpp>

#include <array>

namespace troupe {
namespace {

constexpr std::array<const char*, 11> state_names{"accepted",  "preparing", "running",   "stopping",
                                                  "succeeded", "failed",    "signalled", "timed_out",
                                                  "cancelled", "lost",      "rejected"};

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

task_state state_of(const run_result& how) {
  switch (how.outcome) {
  case run_outcome::exited:
    return how.exit_code == 0 ? task_state::succeeded : task_state::failed;
  case run_outcome::signalled:
    return task_state::signalled;
  case run_outcome::timed_out:
    return task_state::timed_out;
  case run_outcome::cancelled:
    return task_state::cancelled;
  case run_outcome::lost:
    break;
  }
  return task_state::lost;
}

} // namespace

const char* to_string(task_state state) {
  return state_names[static_cast<std::size_t>(state)];
}

bool task_record::begin(const start_request& wish, std::string id) {
  if (begun_) {
    return false;
  }
  begun_ = true;
  id_ = std::move(id);
  script_ = wish.script;
  args_ = wish.script.empty() ? wish.command : wish.args;
  if (wish.script.empty()) {
    args_.insert(args_.end(), wish.args.begin(), wish.args.end());
  }
  return true;
}

void task_record::preparing() {
  if (state_ == task_state::accepted) {
    state_ = task_state::preparing;
  }
}

void task_record::given_up(std::string reason) {
  if (state_ <= task_state::preparing) {
    state_ = task_state::cancelled;
    reason_ = std::move(reason);
  }
}

void task_record::started(const run_started& how, time_point now) {
  if (state_ <= task_state::preparing) {
    state_ = asked_to_stop_ ? task_state::stopping : task_state::running;
    os_pid_ = how.pid;
    started_at_ = how.started_at;
    started_ = now;
  }
}

void task_record::stopping() {
  asked_to_stop_ = true;
  if (state_ == task_state::running) {
    state_ = task_state::stopping;
  }
}

void task_record::rejected(std::string reason) {
  if (state_ <= task_state::preparing) {
    state_ = task_state::rejected;
    reason_ = std::move(reason);
  }
}

void task_record::ended(const run_result& how) {
  if (is_running()) {
    state_ = state_of(how);
    exit_code_ = how.exit_code;
    signal_ = how.signal;
    reason_ = how.reason;
    duration_s_ = how.duration_s;
  }
}

std::string task_record::why_not_running() const {
  return is_over() ? std::string{"the task is over: "} + to_string(state_) + (reason_.empty() ? "" : ", " + reason_)
         : state_ == task_state::preparing ? "its environment is still being made"
         : begun_  ? "the script is still being started"
                   : "the task has not been started";
}

json task_record::to_json(const run_progress& progress, time_point now) const {
  const bool has_run = os_pid_ != 0;
  json out{{"id", id_},
           {"state", to_string(state_)},
           {"exit_code", or_null(exit_code_)},
           {"signal", or_null(signal_)},
           {"reason", reason_},
           {"script", script_.empty() ? json(nullptr) : json(script_)},
           {"args", args_},
           {"os_pid", has_run ? json(os_pid_) : json(nullptr)},
           {"started_at", has_run ? json(started_at_) : json(nullptr)},
           {"stdout_bytes", progress.out_bytes},
           {"stderr_bytes", progress.err_bytes}};
  out["duration_s"] = is_running() ? std::chrono::duration<double>(now - started_).count() : duration_s_;
  return out;
}

} // namespace troupe
