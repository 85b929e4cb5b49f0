#include <runtime/observer/observed_run.hpp>

#include <runtime/process/unix_place.hpp>

#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/socket.h>

namespace troupe {
namespace {

std::string text_of(const json& object, const char* key, const char* otherwise = "") {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

std::uint64_t number_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

attach_request request_of(const run_plan& plan) {
  return {plan.id, plan.folder, 1, 0, plan.stdin_open, nullptr};
}

} // namespace

observed_run::observed_run(event_loop& loop, const run_plan& plan, run_events events)
    : loop_(loop), what_(request_of(plan)), plan_(plan), events_(std::move(events)), phase_(phase::starting),
      reads_(std::make_shared<output_reads>(loop, spool_file_of(plan.folder))), input_(plan.stdin_open) {}

observed_run::observed_run(event_loop& loop, const attach_request& what, run_events events)
    : loop_(loop), what_(what), events_(std::move(events)), phase_(phase::attaching), script_(what.script),
      reads_(std::make_shared<output_reads>(loop, spool_file_of(what.folder))),
      input_(what.stdin_open ? input_queue::from_json(what.input) : input_queue{false}) {}

void observed_run::start(process_host& processes, const std::string& observer_program) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    reject(std::string{"cannot make the observer's socket: "} + std::strerror(errno));
    return;
  }
  unique_fd ours{ends[0]};
  const unique_fd theirs{ends[1]};
  spawn_request what;
  what.argv = {observer_program};
  what.descriptors = {{theirs.get(), 3}};
  std::weak_ptr<observed_run> weak = weak_from_this();
  child_events events;
  events.on_end = [weak, &loop = loop_](child_end how) {
    loop.post([weak, how] {
      if (const auto self = weak.lock()) {
        self->on_observer_end(how);
      }
    });
  };
  auto spawned = processes.spawn(what, std::move(events));
  if (!spawned) {
    reject("cannot start the run's observer: " + spawned.error().text);
    return;
  }
  observer_ = *spawned;
  use(std::move(ours));
  control_->send(encode_frame(control_type::plan, to_json(*plan_)));
}

void observed_run::start(unique_fd observer, std::function<void(const std::string&)> refused) {
  if (phase_ != phase::starting) {
    return; // its user has left meanwhile
  }
  refused_ = std::move(refused);
  use(std::move(observer));
  control_->send(encode_frame(control_type::plan, to_json(*plan_)));
}

void observed_run::use(unique_fd socket) {
  control_ = std::make_unique<control_channel>(
    loop_, std::move(socket),
    control_channel::handlers{[this](const control_frame& frame) { on_frame(frame); },
                              [this](std::string) { on_closed(); }, [] {}});
}

void observed_run::on_frame(const control_frame& frame) {
  const auto self = shared_from_this();
  if (phase_ == phase::over) {
    return;
  }
  const auto body = frame.body();
  if (!body.is_object()) {
    return;
  }
  switch (frame.type) {
  case control_type::started:
    on_running(body);
    break;
  case control_type::attached:
    on_attached(body);
    break;
  case control_type::replaced:
    on_replaced();
    break;
  case control_type::rejected:
    reject(text_of(body, "reason", "the observer gave no reason"));
    break;
  case control_type::output:
    set_progress(run_progress_from_json(body));
    break;
  case control_type::input_taken: {
    {
      std::lock_guard guard{input_mutex_};
      input_.taken(number_of(body, "total"));
    }
    pump_input();
    break;
  }
  case control_type::input_closed:
    break_input(text_of(body, "reason", "it is closed"));
    break;
  case control_type::call:
    if (events_.on_call) {
      events_.on_call({number_of(body, "id"), text_of(body, "name"), body.value("body", json(nullptr))});
    }
    break;
  case control_type::call_gone:
    if (events_.on_call_gone) {
      events_.on_call_gone(number_of(body, "id"));
    }
    break;
  case control_type::pushed:
    if (auto push = pushes_.extract(number_of(body, "number"))) {
      const auto problem = text_of(body, "problem");
      push.mapped()(problem.empty() ? result<>{} : fail(error_code::mailbox_full, problem));
    }
    break;
  case control_type::ended:
    if (auto result = run_result_from_json(body)) {
      end(std::move(*result));
    }
    break;
  default:
    break;
  }
}

void observed_run::on_running(const json& body) {
  if (phase_ != phase::starting && phase_ != phase::attaching) {
    return;
  }
  phase_ = phase::running;
  const double elapsed = body.value("elapsed_s", 0.0);
  started_ = std::chrono::steady_clock::now() -
             std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(elapsed));
  script_ = body.value("pid", 0);
  const bool warm = body.value("warm", false);
  if (const auto tell = std::exchange(refused_, nullptr); tell && !warm) {
    tell(text_of(body, "why_not_warm"));
  }
  if (events_.on_started) {
    events_.on_started({script_, text_of(body, "started_at"), elapsed, warm});
  }
  pump_input();
  if (wants_cancel_) { // asked for while there was nobody to tell
    cancel(*wants_cancel_);
  }
}

void observed_run::on_attached(const json& body) {
  {
    std::lock_guard guard{input_mutex_};
    input_.attached(number_of(body, "input_received"));
    input_.taken(number_of(body, "input_taken"));
  }
  set_progress(run_progress_from_json(body.value("progress", json(nullptr))));
  on_running(body);
}

/// A newer user is there. What waits for this one is asked again, of that one.
void observed_run::on_replaced() {
  const auto replaced = events_.on_replaced;
  leave();
  if (replaced) {
    replaced();
  }
}

void observed_run::signal(int number) {
  if (phase_ == phase::running && control_) {
    control_->send(encode_frame(control_type::signal, json{{"signal", number}}));
  }
}

void observed_run::cancel(std::optional<std::chrono::milliseconds> grace) {
  if (phase_ == phase::attaching || (phase_ == phase::starting && !control_)) {
    wants_cancel_ = grace;
  } else if (phase_ != phase::over && control_) {
    control_->send(
      encode_frame(control_type::cancel, json{{"grace_ms", grace ? json(grace->count()) : json(nullptr)}}));
  }
}

void observed_run::answer_call(std::uint64_t id, const json& answer) {
  if (phase_ == phase::running && control_) {
    control_->send(encode_frame(control_type::answer_call, json{{"id", id}, {"answer", answer}}));
  }
}

void observed_run::push_json(const json& value, std::function<void(result<>)> done) {
  if (phase_ != phase::running || !control_) {
    done(fail(error_code::conflict, "the script does not run"));
    return;
  }
  const auto number = ++push_count_;
  pushes_.emplace(number, std::move(done));
  control_->send(encode_frame(control_type::push, json{{"number", number}, {"value", value}}));
}

void observed_run::pump_input() {
  if (phase_ != phase::running || !control_) {
    return;
  }
  std::lock_guard guard{input_mutex_};
  for (auto piece = input_.next_piece(); !piece.bytes.empty(); piece = input_.next_piece()) {
    control_->send(encode_input(piece.offset, piece.bytes));
  }
  if (what_.stdin_open && input_.close_is_due()) {
    control_->send(encode_frame(control_type::close_input, json(nullptr)));
  }
}

void observed_run::read_output(output_query query, std::function<void(output_page)> done) {
  reads_->read(query, std::move(done));
}

void observed_run::write_input(std::string bytes, std::string key, std::function<void(result<std::size_t>)> done) {
  std::lock_guard guard{input_mutex_};
  if (!input_.claim(key, done)) {
    input_.write(std::move(bytes), std::move(key), std::move(done));
  }
}

void observed_run::close_input(std::function<void(result<>)> done) {
  std::unique_lock guard{input_mutex_};
  const auto why_not = input_.closed_reason();
  const bool closed = input_.close();
  guard.unlock();
  done(closed ? result<>{} : fail(error_code::conflict, "cannot close the script's standard input: " + why_not));
}

std::vector<std::string> observed_run::withdraw_writes() {
  std::lock_guard guard{input_mutex_};
  return input_.withdraw();
}

json observed_run::save_input() const {
  std::lock_guard guard{input_mutex_};
  return input_.to_json();
}

void observed_run::break_input(const std::string& reason) {
  std::lock_guard guard{input_mutex_};
  input_.broken(reason);
}

run_progress observed_run::progress() const {
  std::lock_guard guard{mutex_};
  return progress_;
}

void observed_run::set_progress(const run_progress& progress) {
  {
    std::lock_guard guard{mutex_};
    progress_ = progress;
  }
  reads_->advance(progress.records, phase_ == phase::over);
}

} // namespace troupe
