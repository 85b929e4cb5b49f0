#include "nodes/troupe/script_run.hpp"

#include "nodes/troupe/run_end.hpp"
#include "nodes/troupe/signal_watch.hpp"
#include "nodes/troupe/stdin_pump.hpp"

#include "runtime/text_json/base64.hpp"
#include "runtime/text_json/text_json.hpp"

#include <condition_variable>
#include <csignal>
#include <optional>
#include <span>
#include <unistd.h>

namespace troupe::cli {

namespace {

constexpr int max_broken_connections = 5;
constexpr std::chrono::milliseconds reconnect_pause{100}; ///< doubled each time
constexpr int reader_gone_code = 128 + SIGPIPE;

/// As the gateway would write it: a text, or bytes if it is none.
json as_text_json(const std::string& bytes) {
  if (is_utf8(bytes)) {
    return bytes;
  }
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return json{{"$bytes", base64_encode(std::span{data, bytes.size()})}};
}

/// Waits that long, or until it is stopped.
void pause(std::chrono::milliseconds length, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_for(lock, stop, length, [] { return false; });
}

} // namespace

script_run::script_run(const gateway& system, command_context& context)
    : system_(system), context_(context), reader_([this](const output_record& record) { return take_record(record); }) {
}

attempt<int> script_run::execute(const json& task, const std::string& target) {
  const signal_watch watch([this](int signal) { take_interrupt(signal); });
  const auto created = system_.create_task(task, leave_.get_token(), target);
  if (!created && leave_.stop_requested()) {
    return leave("while the task was being created: look for it with `troupe tasks`");
  }
  if (!created) {
    return std::unexpected(created.error());
  }
  id_ = (*created)["id"].get<std::string>();
  int waiting = 0;
  {
    const std::lock_guard lock(mutex_);
    is_created_ = true;
    waiting = interrupts_;
  }
  obey_interrupts(1, waiting);
  std::optional<stdin_pump> pump;
  if (task.value("stdin", "closed") == "open") {
    pump.emplace(system_, id_, STDIN_FILENO);
  }
  const auto end = follow();
  const auto input_problem = pump ? pump->stop() : std::string{};
  if (!input_problem.empty()) {
    context_.complain("the script did not get all of its input: " + input_problem);
  }
  if (end) {
    return finish(*end);
  }
  if (leave_.stop_requested()) {
    return leave("the script may still be running; stop it with: troupe tasks cancel " + id_);
  }
  return std::unexpected(lost(end.error()));
}

int script_run::leave(const std::string& what_is_left) {
  context_.complain("left alone: " + what_is_left);
  const std::lock_guard lock(mutex_);
  return 128 + first_signal_;
}

void script_run::take_interrupt(int signal) {
  int count = 0;
  {
    const std::lock_guard lock(mutex_);
    first_signal_ = first_signal_ == 0 ? signal : first_signal_;
    count = ++interrupts_;
    if (!is_created_ && step_of_interrupt(count) != interrupt_step::leave) {
      return; // obeyed as soon as there is a task
    }
  }
  obey_interrupts(count, count);
}

void script_run::obey_interrupts(int from, int to) {
  for (int count = from; count <= to; ++count) {
    attempt<> done;
    switch (step_of_interrupt(count)) {
    case interrupt_step::cancel:
      done = system_.cancel_task(id_);
      break;
    case interrupt_step::kill:
      done = system_.signal_task(id_, "SIGKILL");
      break;
    case interrupt_step::leave:
      leave_.request_stop();
      break;
    }
    if (!done && done.error().http_status == 0) {
      context_.complain("the script could not be stopped: " + done.error().text);
    }
  }
}

bool script_run::take_record(const output_record& record) {
  if (record.is_note) {
    if (!context_.is_json()) {
      context_.sink().err("troupe: " + record.bytes);
    }
    return true;
  }
  if (context_.is_json()) {
    (record.is_stderr ? stderr_ : stdout_) += record.bytes;
    return true;
  }
  if (record.is_stderr) {
    context_.sink().err(record.bytes);
  } else if (!reader_gone_ && !context_.sink().out(record.bytes)) {
    reader_gone_ = true; // as a program that writes into a closed pipe would end
    (void)system_.cancel_task(id_);
  }
  return true;
}

attempt<json> script_run::follow() {
  const auto stop = leave_.get_token();
  for (int broken = 0; true;) {
    const auto before = reader_.next();
    const auto read = system_.task_output(
      id_, before, true, [this](std::string_view piece) { return reader_.take(piece); }, stop);
    if (reader_.end_state()) {
      return *reader_.end_state();
    }
    if (stop.stop_requested() || (!read && read.error().http_status != 0)) {
      return read ? give_up(exit_connection_lost, "the output was left") : std::unexpected(read.error());
    }
    const bool is_broken = !read || !reader_.saw_last_line();
    broken = reader_.next() > before ? 0 : broken;
    if (is_broken && ++broken >= max_broken_connections) {
      return read ? give_up(exit_connection_lost, "the output ended before the script did")
                  : std::unexpected(read.error());
    }
    reader_.restart();
    pause(reconnect_pause * (1 << broken), stop);
  }
}

cli_error script_run::lost(const cli_error& why) const {
  if (why.code == exit_not_running) {
    const auto folder = context_.state_dir() / "runs" / id_;
    return {exit_connection_lost, "the system went away while task " + id_ +
                                    " ran; the script ends too if no system comes back soon; what it prints is kept in " +
                                    folder.string()};
  }
  return {exit_connection_lost, "the output of task " + id_ + " cannot be read on: " + why.text +
                                  "; the script may still be running: `troupe logs " + id_ +
                                  " -f` reads on, `troupe tasks cancel " + id_ + "` stops it"};
}

int script_run::finish(const json& state) {
  remove_actor();
  int signal = 0;
  {
    const std::lock_guard lock(mutex_);
    signal = first_signal_;
  }
  const auto end = judge_end(state, signal);
  const int code = reader_gone_ ? reader_gone_code : end.exit_code;
  if (context_.is_json()) {
    context_.print_json(
      json{{"task", state}, {"exit_code", code}, {"stdout", as_text_json(stdout_)}, {"stderr", as_text_json(stderr_)}});
  }
  if (reader_.damaged_lines() > 0) {
    context_.complain(std::to_string(reader_.damaged_lines()) + " pieces of the output were damaged and are left out");
  }
  if (!end.reason.empty() && !reader_gone_) {
    context_.complain(end.reason);
  }
  return code;
}

void script_run::remove_actor() {
  constexpr int still_running = 409;
  auto removed = system_.remove_task(id_);
  if (!removed && removed.error().http_status == still_running) {
    pause(reconnect_pause, {});
    removed = system_.remove_task(id_);
  }
  if (!removed && removed.error().http_status != 404) {
    context_.complain("the task's actor task_" + id_ + " was not removed: " + removed.error().text);
  }
}

} // namespace troupe::cli
