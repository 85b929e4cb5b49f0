#include "observer.hpp"

#include "script_process.hpp"

#include <runtime/observer/process_tree.hpp>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>

namespace troupe {
namespace {

constexpr std::chrono::milliseconds progress_interval{1};

std::string utc_now() {
  const auto now = std::chrono::system_clock::now();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const std::time_t seconds = ms / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[40];
  const auto used = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + used, sizeof text - used, ".%03dZ", static_cast<int>(ms % 1000));
  return text;
}

std::string seconds_text(std::chrono::milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%g s", static_cast<double>(time.count()) / 1000);
  return text;
}

std::string signal_text(int number) {
  const char* name = ::sigabbrev_np(number);
  return name != nullptr ? std::string{"SIG"} + name : "signal " + std::to_string(number);
}

} // namespace

observer::observer(event_loop& loop, unique_fd control)
    : loop_(loop),
      control_(loop, std::move(control),
               {[this](const control_frame& frame) { on_frame(frame); }, [this](std::string) { on_user_gone(); },
                [this] {
                  if (is_over_) {
                    loop_.stop();
                  }
                }}) {}

void observer::on_frame(const control_frame& frame) {
  switch (frame.type) {
  case control_type::plan:
    if (plan_.id.empty()) {
      if (const auto plan = run_plan_from_json(frame.body())) {
        start(*plan);
      } else {
        reject(plan.error());
      }
    }
    break;
  case control_type::input:
    if (input_) {
      input_->add(frame.payload);
    }
    break;
  case control_type::close_input:
    if (input_) {
      input_->close_after_rest();
    }
    break;
  case control_type::signal:
    if (const auto body = frame.body(); body.is_object()) {
      signal_script(body.value("signal", 0));
    }
    break;
  case control_type::cancel:
  case control_type::abandon:
    if (watch_) {
      const auto body = frame.body();
      const bool timed = body.is_object() && body.contains("grace_ms") && body["grace_ms"].is_number_integer();
      watch_->cancel(clock::now(),
                     timed ? std::optional<std::chrono::milliseconds>{body["grace_ms"].get<int>()} : std::nullopt);
      evaluate();
    }
    break;
  default:
    break;
  }
}

void observer::on_user_gone() {
  if (!watch_ || is_over_) {
    loop_.stop();
    return;
  }
  watch_->user_is_gone(clock::now());
  evaluate();
}

void observer::asked_to_end() {
  if (!watch_) {
    loop_.stop();
    return;
  }
  watch_->cancel(clock::now());
  evaluate();
}

void observer::start(const run_plan& plan) {
  plan_ = plan;
  auto done = prepare_folder();
  if (done) {
    done = start_run();
  }
  if (!done) {
    reject(done.error());
    return;
  }
  control_.send(encode_frame(control_type::started, json{{"pid", script_}, {"started_at", started_at_}}));
  evaluate();
}

result<> observer::prepare_folder() {
  std::error_code problem;
  std::filesystem::create_directories(work_folder_of(plan_.folder), problem);
  if (problem) {
    return fail(error_code::io_error, "cannot make the run's folder " + plan_.folder + ": " + problem.message());
  }
  lock_.reset(::open(lock_file_of(plan_.folder).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock_ || ::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(error_code::conflict, "cannot lock the run's folder " + plan_.folder + ": " + std::strerror(errno) +
                                        " (does it run already?)");
  }
  auto spool = spool_writer::create(spool_file_of(plan_.folder), plan_.spool_limit);
  if (!spool) {
    return std::unexpected(spool.error());
  }
  spool_.emplace(std::move(*spool));
  for (const auto& text : plan_.prelude) {
    spool_->note(text);
  }
  return {};
}

result<> observer::start_run() {
  auto script = start_script(plan_, work_folder_of(plan_.folder));
  if (!script) {
    return std::unexpected(script.error());
  }
  started_ = clock::now();
  started_at_ = utc_now();
  script_ = script->pid;
  watch_.emplace(run_limits{plan_.timeout, plan_.stop_grace, plan_.orphan_grace}, started_);
  const auto sink = [this](spool_stream stream, std::string_view data) { on_output(stream, data); };
  out_.emplace(loop_, std::move(script->out), spool_stream::out, sink);
  err_.emplace(loop_, std::move(script->err), spool_stream::err, sink);
  if (script->in) {
    input_.emplace(loop_, std::move(script->in),
                   input_feed::handlers{
                     [this](std::uint64_t total) {
                       control_.send(encode_frame(control_type::input_taken, json{{"total", total}}));
                     },
                     [this](std::string reason) {
                       control_.send(encode_frame(control_type::input_closed, json{{"reason", std::move(reason)}}));
                     }});
  }
  if (!plan_.prelude.empty()) {
    progress_waits_ = true;
    loop_.after(progress_interval, [this] { tell_progress(); });
  }
  return {};
}

void observer::reject(const error& why) {
  is_over_ = true;
  if (spool_) { // the folder is this run's and nothing happened in it
    std::error_code ignored;
    std::filesystem::remove(spool_file_of(plan_.folder), ignored);
    std::filesystem::remove(work_folder_of(plan_.folder), ignored);
    std::filesystem::remove(lock_file_of(plan_.folder), ignored);
    std::filesystem::remove(plan_.folder, ignored);
  }
  control_.send(encode_frame(control_type::rejected, json{{"reason", why.text}}));
  if (!control_.is_open()) {
    loop_.stop();
  }
}

void observer::signal_script(int number) {
  if (script_ > 0 && !wait_status_) { // not collected yet, so the number is still its own
    ::kill(script_, number);
  }
}

void observer::on_output(spool_stream stream, std::string_view data) {
  spool_->write(stream, clock::now() - started_, data);
  if (progress_waits_) {
    return;
  }
  // The first news goes at once; in a flood one a millisecond is enough, since each tells the whole state.
  const auto since = clock::now() - progress_told_;
  if (since >= progress_interval && control_.pending() == 0) {
    tell_progress();
    return;
  }
  progress_waits_ = true;
  loop_.after(progress_interval, [this] { tell_progress(); });
}

void observer::tell_progress() {
  if (is_over_) {
    return;
  }
  if (control_.pending() > 0) {
    progress_waits_ = true;
    loop_.after(progress_interval * 10, [this] { tell_progress(); });
    return;
  }
  progress_waits_ = false;
  progress_told_ = clock::now();
  control_.send(encode_frame(control_type::output, to_json(spool_->progress())));
}

void observer::collect_children() {
  for (;;) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, WNOHANG);
    if (pid == 0 || (pid < 0 && errno == EINTR)) {
      if (pid == 0) {
        break;
      }
      continue;
    }
    if (pid < 0) {
      // No child is left. Orphans of the tree become children of this subreaper, so nothing of the run is left at all.
      if (watch_) {
        watch_->tree_is_empty();
      }
      break;
    }
    if (pid == script_) {
      wait_status_ = status;
      duration_s_ = std::chrono::duration<double>(clock::now() - started_).count();
      watch_->script_ended(clock::now());
    }
  }
  evaluate();
}

void observer::evaluate() {
  if (!watch_ || is_over_) {
    return;
  }
  if (wake_) {
    loop_.cancel(*wake_);
    wake_.reset();
  }
  for (;;) {
    switch (watch_->next(clock::now())) {
    case watch_action::none:
      if (const auto when = watch_->wake_at()) {
        wake_ = loop_.after(*when - clock::now(), [this] {
          wake_.reset();
          evaluate();
        });
      }
      return;
    case watch_action::terminate_tree: {
      const auto tree = descendants_of(::getpid());
      signal_processes(tree, SIGTERM);
      signal_processes(tree, SIGCONT); // a stopped process hears nothing
      break;
    }
    case watch_action::kill_tree:
      signal_processes(descendants_of(::getpid()), SIGKILL);
      break;
    case watch_action::finish:
      finish();
      return;
    }
  }
}

void observer::finish() {
  out_->finish();
  err_->finish();
  is_over_ = true;
  const auto all = to_json(make_result());
  auto kept = all;
  kept["id"] = plan_.id;
  kept["os_pid"] = script_;
  kept["started_at"] = started_at_;
  write_result(kept);
  control_.send(encode_frame(control_type::ended, all));
  if (!control_.is_open()) {
    loop_.stop();
  }
}

run_result observer::make_result() const {
  run_result out;
  out.duration_s = duration_s_;
  out.progress = spool_->progress();
  if (wait_status_ && WIFEXITED(*wait_status_)) {
    out.exit_code = WEXITSTATUS(*wait_status_);
    out.outcome = run_outcome::exited;
    out.reason = *out.exit_code == 0 ? "" : "the script ended with exit code " + std::to_string(*out.exit_code);
  } else if (wait_status_) {
    out.signal = WTERMSIG(*wait_status_);
    out.outcome = run_outcome::signalled;
    out.reason = "the script was ended by " + signal_text(*out.signal);
  }
  switch (watch_->cause()) {
  case stop_cause::timed_out:
    out.outcome = run_outcome::timed_out;
    out.reason = "the script was stopped: it ran longer than its limit of " + seconds_text(*plan_.timeout) +
                 " (give it a longer `timeout`, or a negative one for none)";
    break;
  case stop_cause::cancelled:
    out.outcome = run_outcome::cancelled;
    out.reason = "the script was stopped on request";
    break;
  case stop_cause::orphaned:
    out.outcome = run_outcome::cancelled;
    out.reason = "the script was stopped: its node was gone for " + seconds_text(plan_.orphan_grace);
    break;
  case stop_cause::none:
    break;
  }
  const auto add = [&](const char* text) { out.reason += (out.reason.empty() ? "" : "; ") + std::string{text}; };
  if (watch_->stopped_leftovers()) {
    add("processes that the script had left behind were stopped");
  }
  if (watch_->gave_up()) {
    add("processes of the script could not be killed and are still there");
  }
  if (spool_->is_cut()) {
    add("its output was cut");
  }
  return out;
}

/// Whole or not at all. A power failure may lose it, as it loses the run.
void observer::write_result(const json& value) const {
  const auto file = result_file_of(plan_.folder);
  const auto draft = file + ".new";
  const auto text = value.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  const unique_fd out{::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
  if (!out || ::write(out.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::rename(draft.c_str(), file.c_str()) != 0) {
    std::fprintf(stderr, "troupe-observer: cannot write %s: %s\n", file.c_str(), std::strerror(errno));
  }
}

} // namespace troupe
