#include <actors/task/task_record.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace troupe {
namespace {

constexpr std::array<std::string_view, 13> state_names{"accepted",  "preparing", "queued", "running",   "stopping",
                                                       "succeeded", "failed",    "signalled", "timed_out",
                                                       "memory_exceeded", "cancelled", "lost", "rejected"};

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

std::optional<int> number_or_nothing(const json& value) {
  return value.is_number_integer() ? std::optional{value.get<int>()} : std::nullopt;
}

task_state state_of(const run_result& how) {
  switch (how.outcome) {
  case run_outcome::exited:
    return how.exit_code == 0 ? task_state::succeeded : task_state::failed;
  case run_outcome::signalled:
    return task_state::signalled;
  case run_outcome::timed_out:
    return task_state::timed_out;
  case run_outcome::memory_exceeded:
    return task_state::memory_exceeded;
  case run_outcome::cancelled:
    return task_state::cancelled;
  case run_outcome::lost:
    break;
  }
  return task_state::lost;
}

} // namespace

const char* to_string(task_state state) {
  return state_names[static_cast<std::size_t>(state)].data();
}

bool task_record::begin(const start_request& wish, std::string id) {
  if (begun_) {
    return false;
  }
  begun_ = true;
  id_ = std::move(id);
  script_ = wish.script;
  stdin_open_ = wish.stdin_open;
  parent_ = wish.parent;
  depth_ = wish.depth;
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

bool task_record::queued() {
  const bool is_news = state_ < task_state::queued;
  if (is_news) {
    state_ = task_state::queued;
  }
  return is_news;
}

void task_record::given_up(std::string reason) {
  if (state_ <= task_state::queued) {
    state_ = task_state::cancelled;
    reason_ = std::move(reason);
  }
}

void task_record::started(const run_started& how, time_point now) {
  if (state_ <= task_state::queued) {
    state_ = asked_to_stop_ ? task_state::stopping : task_state::running;
  }
  if (is_running()) {
    os_pid_ = how.pid;
    warm_ = how.warm;
    started_at_ = how.started_at;
    started_ = now - std::chrono::duration_cast<time_point::duration>(std::chrono::duration<double>(how.elapsed_s));
  }
}

void task_record::stopping() {
  asked_to_stop_ = true;
  if (state_ == task_state::running) {
    state_ = task_state::stopping;
  }
}

void task_record::rejected(std::string reason) {
  if (state_ <= task_state::queued) {
    state_ = task_state::rejected;
    reason_ = std::move(reason);
  }
}

void task_record::ended(const run_result& how) {
  if (begun_ && !is_over()) {
    state_ = state_of(how);
    exit_code_ = how.exit_code;
    signal_ = how.signal;
    reason_ = how.reason;
    duration_s_ = how.duration_s;
    peak_memory_ = how.peak_memory;
    cpu_s_ = how.cpu_s;
  }
}

std::string task_record::why_not_running() const {
  return is_over() ? std::string{"the task is over: "} + to_string(state_) + (reason_.empty() ? "" : ", " + reason_)
         : state_ == task_state::preparing ? "its environment is still being made"
         : state_ == task_state::queued    ? "it still waits for its turn"
         : begun_  ? "the script is still being started"
                   : "the task has not been started";
}

json task_record::save() const {
  return {{"state", to_string(state_)},
          {"begun", begun_},
          {"asked_to_stop", asked_to_stop_},
          {"stdin_open", stdin_open_},
          {"epoch", epoch_},
          {"id", id_},
          {"script", script_},
          {"args", args_},
          {"parent", parent_},
          {"application", application_},
          {"depth", depth_},
          {"os_pid", os_pid_},
          {"warm", warm_},
          {"started_at", started_at_},
          {"exit_code", or_null(exit_code_)},
          {"signal", or_null(signal_)},
          {"reason", reason_},
          {"duration_s", duration_s_},
          {"peak_memory", peak_memory_},
          {"cpu_s", cpu_s_}};
}

void task_record::load(const json& value) {
  const auto name = value.at("state").get<std::string>();
  const auto found = std::ranges::find(state_names, name);
  state_ = found == state_names.end() ? task_state::lost : static_cast<task_state>(found - state_names.begin());
  begun_ = value.at("begun").get<bool>();
  asked_to_stop_ = value.at("asked_to_stop").get<bool>();
  stdin_open_ = value.at("stdin_open").get<bool>();
  epoch_ = value.at("epoch").get<std::uint64_t>();
  id_ = value.at("id").get<std::string>();
  script_ = value.at("script").get<std::string>();
  args_ = value.at("args").get<std::vector<std::string>>();
  parent_ = value.at("parent").get<std::string>();
  application_ = value.at("application").get<std::string>();
  depth_ = value.at("depth").get<int>();
  os_pid_ = value.at("os_pid").get<pid_t>();
  warm_ = value.value("warm", false);
  started_at_ = value.at("started_at").get<std::string>();
  exit_code_ = number_or_nothing(value.at("exit_code"));
  signal_ = number_or_nothing(value.at("signal"));
  reason_ = value.at("reason").get<std::string>();
  duration_s_ = value.at("duration_s").get<double>();
  peak_memory_ = value.at("peak_memory").get<std::uint64_t>();
  cpu_s_ = value.at("cpu_s").get<double>();
  started_ = std::chrono::steady_clock::now();
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
           {"parent", parent_.empty() ? json(nullptr) : json(parent_)},
           {"os_pid", has_run ? json(os_pid_) : json(nullptr)},
           {"warm", warm_},
           {"started_at", has_run ? json(started_at_) : json(nullptr)},
           {"stdout_bytes", progress.out_bytes},
           {"stderr_bytes", progress.err_bytes}};
  constexpr double mb = 1 << 20;
  out["peak_memory_mb"] = is_over() && peak_memory_ > 0 ? json(static_cast<double>(peak_memory_) / mb) : json(nullptr);
  out["cpu_s"] = is_over() && has_run ? json(cpu_s_) : json(nullptr);
  out["duration_s"] = is_running() ? std::chrono::duration<double>(now - started_).count() : duration_s_;
  return out;
}

} // namespace troupe
