#include "observer.hpp"

#include "run_report.hpp"
#include "script_process.hpp"

#include <runtime/observer/utc_time.hpp>
#include <runtime/observer/process_tree.hpp>
#include <runtime/observer/run_remains.hpp>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

namespace troupe {
namespace {

constexpr std::chrono::milliseconds progress_interval{1};

} // namespace

observer::observer(event_loop& loop, unique_fd control)
    : loop_(loop),
      calls_(loop, {[this](const run_call& what) { tell_call(what); },
                    [this](std::uint64_t id) { users_.send(encode_frame(control_type::call_gone, json{{"id", id}})); }}),
      users_(loop, std::move(control),
             {[this](const control_frame& frame) { on_frame(frame); }, [this] { on_user_attached(); },
              [this] { on_user_gone(); },
              [this] {
                if (is_over_) {
                  loop_.stop();
                }
              }}) {}

void observer::on_frame(const control_frame& frame) {
  if (frame.type == control_type::input) {
    if (const auto piece = decode_input(frame.payload); piece && input_) {
      input_->add(piece->place, piece->bytes);
    }
    return;
  }
  const auto body = frame.body();
  const bool is_object = body.is_object();
  switch (frame.type) {
  case control_type::plan:
    if (plan_.id.empty()) {
      if (const auto plan = run_plan_from_json(body)) {
        start(*plan);
      } else {
        reject(plan.error());
      }
    }
    break;
  case control_type::close_input:
    if (input_) {
      input_->close_after_rest();
    }
    break;
  case control_type::signal:
    if (is_object) {
      signal_script(body.value("signal", 0));
    }
    break;
  case control_type::cancel:
    cancel(body);
    break;
  case control_type::answer_call:
    if (is_object && body.contains("id") && body["id"].is_number_unsigned()) {
      calls_.book().answer(body["id"].get<std::uint64_t>(), body.value("answer", json(nullptr)));
    }
    break;
  case control_type::push:
    if (is_object && body.contains("number")) {
      auto problem = calls_.book().push(body.value("value", json(nullptr)));
      users_.send(encode_frame(control_type::pushed, json{{"number", body["number"]}, {"problem", std::move(problem)}}));
    }
    break;
  default:
    break;
  }
}

void observer::cancel(const json& body) {
  if (watch_) {
    const bool timed = body.is_object() && body.contains("grace_ms") && body["grace_ms"].is_number_integer();
    watch_->cancel(clock::now(),
                   timed ? std::optional<std::chrono::milliseconds>{body["grace_ms"].get<int>()} : std::nullopt);
    evaluate();
  }
}

/// Tells a new user all it must know to go on where another one left off.
void observer::on_user_attached() {
  if (!watch_) {
    return;
  }
  watch_->user_is_back();
  users_.send(encode_frame(control_type::attached,
                           json{{"epoch", users_.epoch()},
                                {"pid", script_},
                                {"started_at", started_at_},
                                {"elapsed_s", std::chrono::duration<double>(clock::now() - started_).count()},
                                {"progress", to_json(spool_->progress())},
                                {"input_received", input_ ? input_->received() : 0},
                                {"input_taken", input_ ? input_->taken() : 0}}));
  if (input_ && !input_->closed_reason().empty()) {
    users_.send(encode_frame(control_type::input_closed, json{{"reason", input_->closed_reason()}}));
  }
  calls_.book().tell_again();
  if (is_over_) {
    users_.send(encode_frame(control_type::ended, to_json(result_)));
  }
  evaluate();
}

void observer::tell_call(const run_call& what) {
  users_.send(encode_frame(control_type::call, json{{"id", what.id}, {"name", what.name}, {"body", what.body}}));
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
    done = users_.listen(plan_.folder);
  }
  if (done) {
    done = calls_.listen(plan_.folder);
  }
  if (done) {
    done = give_to_user();
  }
  if (done) {
    done = start_run();
  }
  if (!done) {
    reject(done.error());
    return;
  }
  users_.send(encode_frame(control_type::started, json{{"pid", script_}, {"started_at", started_at_}}));
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
  if (kept_result(plan_.folder)) {
    return fail(error_code::conflict, "the run's folder " + plan_.folder + " has a result already: it was given up, or used before");
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

/// The script's user works in its folder and reaches its observer; the rest of the run's folder stays ours.
result<> observer::give_to_user() {
  if (!plan_.user) {
    return {};
  }
  constexpr mode_t search_only = 0711;
  const auto work = work_folder_of(plan_.folder);
  for (const auto& path : {work, call_socket_of(plan_.folder)}) {
    if (::lchown(path.c_str(), plan_.user->uid, plan_.user->gid) != 0) {
      return fail(error_code::access_denied, "cannot give " + path + " to the user " + plan_.user->name + ": " + std::strerror(errno));
    }
  }
  if (::chmod(plan_.folder.c_str(), search_only) != 0 || ::chmod(work.c_str(), 0700) != 0) {
    return fail(error_code::io_error, "cannot set the rights of " + plan_.folder + ": " + std::strerror(errno));
  }
  return {};
}

result<> observer::start_run() {
  limits_.emplace(loop_, plan_, [this](stop_cause why) { on_limit(why); }, [this] { look_at_libraries(); });
  if (plan_.own_pid_namespace) {
    namespace_ = enter_run_namespace();
  }
  script_place where;
  where.doors = limits_->guard().doors();
  where.has_namespace = namespace_.has_value();
  where.has_memory_net = where.doors.empty();
  auto script = start_script(plan_, work_folder_of(plan_.folder), where);
  if (!script) {
    kill_tree(); // the first process of its namespace
    if (namespace_) {
      ::waitpid(namespace_->init, nullptr, 0);
    }
    limits_.reset();
    return std::unexpected(script.error());
  }
  started_ = clock::now();
  started_at_ = utc_now();
  script_ = script->pid;
  watch_.emplace(run_limits{plan_.timeout, plan_.stop_grace, plan_.orphan_grace}, started_);
  limits_->begin();
  const auto sink = [this](spool_stream stream, std::string_view data) { on_output(stream, data); };
  out_.emplace(loop_, std::move(script->out), spool_stream::out, sink);
  err_.emplace(loop_, std::move(script->err), spool_stream::err, sink);
  if (script->in) {
    input_.emplace(loop_, std::move(script->in),
                   input_feed::handlers{
                     [this](std::uint64_t total) {
                       users_.send(encode_frame(control_type::input_taken, json{{"total", total}}));
                     },
                     [this](std::string reason) {
                       users_.send(encode_frame(control_type::input_closed, json{{"reason", std::move(reason)}}));
                     }});
  }
  if (!plan_.prelude.empty()) {
    progress_waits_ = true;
    loop_.after(progress_interval, [this] { tell_progress(); });
  }
  return {};
}

void observer::signal_script(int number) {
  if (script_ > 0 && !wait_status_) { // not collected yet, so the number is still its own
    ::kill(script_, number);
  }
}

void observer::on_output(spool_stream stream, std::string_view data) {
  if (stream == spool_stream::out ? plan_.keep_stdout : plan_.keep_stderr) {
    spool_->write(stream, clock::now() - started_, data);
  } else {
    spool_->count(stream, data.size());
  }
  if (progress_waits_) {
    return;
  }
  // The first news goes at once; in a flood one a millisecond is enough, since each tells the whole state.
  const auto since = clock::now() - progress_told_;
  if (since >= progress_interval && users_.pending() == 0) {
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
  if (users_.pending() > 0) {
    progress_waits_ = true;
    loop_.after(progress_interval * 10, [this] { tell_progress(); });
    return;
  }
  progress_waits_ = false;
  progress_told_ = clock::now();
  users_.send(encode_frame(control_type::output, to_json(spool_->progress())));
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
    on_child(pid, status);
  }
  evaluate();
}

void observer::on_child(pid_t pid, int status) {
  if (pid != script_) {
    return;
  }
  wait_status_ = status;
  duration_s_ = std::chrono::duration<double>(clock::now() - started_).count();
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && limits_->is_out_of_memory()) {
    watch_->exceed(clock::now(), stop_cause::memory);
  }
  watch_->script_ended(clock::now());
  if (namespace_) {
    (void)!::write(namespace_->lifeline.get(), "e", 1);
  }
}

void observer::on_limit(stop_cause why) {
  if (why == stop_cause::memory) {
    look_at_libraries();
  }
  watch_->exceed(clock::now(), why);
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
      kill_tree();
      break;
    case watch_action::finish:
      finish();
      return;
    }
  }
}

} // namespace troupe
