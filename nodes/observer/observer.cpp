#include "observer.hpp"

#include "run_report.hpp"

#include <runtime/observer/process_tree.hpp>
#include <runtime/observer/run_remains.hpp>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <utility>

#include <sys/wait.h>

namespace troupe {

observer::observer(event_loop& loop, unique_fd control, std::optional<prepared> warm)
    : loop_(loop), warm_(std::move(warm)),
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
                                {"warm", is_warm_},
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

void observer::drop_prepared() {
  if (const auto unused = std::exchange(warm_, std::nullopt)) {
    for (const pid_t pid : {unused->child.pid, unused->space ? unused->space->init : -1}) {
      if (pid > 0) {
        ::kill(pid, SIGKILL);
      }
    }
    while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
    }
  }
}

void observer::asked_to_end() {
  if (!watch_) {
    loop_.stop();
    return;
  }
  watch_->cancel(clock::now());
  evaluate();
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
  if (warm_) { // what was prepared is broken; its pool makes another one
    loop_.stop();
    return;
  }
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
