#include <runtime/observer/observed_run.hpp>

#include <runtime/observer/process_tree.hpp>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>

namespace troupe {
namespace {

constexpr std::size_t page_records = 2048;
constexpr std::chrono::milliseconds retry_interval{10};
constexpr int retry_count = 300;

std::string describe(child_end how) {
  if (const auto* exited = std::get_if<child_exited>(&how)) {
    return "ended with exit code " + std::to_string(exited->code);
  }
  if (const auto* killed = std::get_if<child_signalled>(&how)) {
    return "was killed by signal " + std::to_string(killed->signal);
  }
  return "ended, and how is not known";
}

/// True if no observer holds the run's lock; then its result, if there is one, is final.
bool lock_is_free(const std::string& folder) {
  const unique_fd lock{::open(lock_file_of(folder).c_str(), O_RDWR | O_CLOEXEC)};
  return !lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0;
}

} // namespace

observed_run::observed_run(event_loop& loop, run_plan plan, run_events events)
    : loop_(loop), plan_(std::move(plan)), events_(std::move(events)), input_(plan_.stdin_open),
      spool_(spool_file_of(plan_.folder)) {}

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
  control_ = std::make_unique<control_channel>(
    loop_, std::move(ours),
    control_channel::handlers{[this](const control_frame& frame) { on_frame(frame); },
                              [](std::string) {}, // its exit follows and settles the run
                              [] {}});
  control_->send(encode_frame(control_type::plan, to_json(plan_)));
}

void observed_run::on_frame(const control_frame& frame) {
  const auto self = shared_from_this();
  const auto body = frame.type == control_type::input ? json(nullptr) : frame.body();
  const bool is_object = body.is_object();
  switch (frame.type) {
  case control_type::started:
    if (phase_ == phase::starting && is_object) {
      phase_ = phase::running;
      started_ = std::chrono::steady_clock::now();
      script_ = body.value("pid", 0);
      events_.on_started({script_, body.value("started_at", std::string{})});
      pump_input();
    }
    break;
  case control_type::rejected:
    reject(is_object ? body.value("reason", std::string{"the observer gave no reason"})
                     : "the observer gave no reason");
    break;
  case control_type::output:
    set_progress(run_progress_from_json(body));
    serve_reads();
    break;
  case control_type::input_taken:
    if (is_object) {
      input_.taken(body.value("total", std::uint64_t{0}));
      pump_input();
    }
    break;
  case control_type::input_closed:
    input_.broken(is_object ? body.value("reason", std::string{}) : "it is closed");
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

/// The observer's process is gone. Usually its last frame came before; else its result file or the lack of one tells.
void observed_run::on_observer_end(child_end how) {
  observer_end_ = describe(how);
  observer_.reset();
  if (phase_ != phase::over) {
    settle(retry_count);
  }
}

void observed_run::settle(int attempts_left) {
  if (phase_ == phase::over) {
    return;
  }
  // What it sent before is read first, up to the end of the socket.
  const bool is_settled = (!control_ || !control_->is_open()) && lock_is_free(plan_.folder);
  if (!is_settled && attempts_left > 0) {
    const auto self = shared_from_this();
    loop_.after(retry_interval, [self, attempts_left] { self->settle(attempts_left - 1); });
    return;
  }
  if (phase_ == phase::starting) {
    lose("the run's observer " + observer_end_ + " before the script was started");
    return;
  }
  std::ifstream file{result_file_of(plan_.folder)};
  if (file) {
    std::stringstream text;
    text << file.rdbuf();
    if (auto kept = run_result_from_json(json::parse(text.str(), nullptr, false))) {
      end(std::move(*kept));
      return;
    }
  }
  lose("the run's observer " + observer_end_ + ", so nobody saw the script's end");
}

void observed_run::lose(std::string reason) {
  sweep(retry_count, 0, std::move(reason));
}

/// Kills what is left of the tree, again until nothing is found, then reports the loss.
void observed_run::sweep(int rounds_left, std::size_t killed, std::string reason) {
  const auto left = processes_of_run(plan_.id, script_);
  if (!left.empty() && rounds_left > 0) {
    const auto now = signal_processes(left, SIGKILL);
    const auto self = shared_from_this();
    loop_.after(retry_interval, [self, rounds_left, killed = std::max(killed, now), reason = std::move(reason)] {
      self->sweep(rounds_left - 1, killed, reason);
    });
    return;
  }
  if (killed > 0) {
    reason += "; " + std::to_string(killed) + " of its processes were killed";
  }
  if (!left.empty()) {
    reason += "; " + std::to_string(left.size()) + " of its processes could not be killed";
  }
  if (phase_ == phase::starting) {
    reject(std::move(reason));
    return;
  }
  run_result lost;
  lost.outcome = run_outcome::lost;
  lost.reason = std::move(reason);
  lost.duration_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  lost.progress = progress();
  end(std::move(lost));
}

void observed_run::reject(std::string reason) {
  if (phase_ != phase::starting) {
    return;
  }
  phase_ = phase::over;
  input_.broken("the script was not started");
  const auto events = std::exchange(events_, {});
  if (events.on_rejected) {
    events.on_rejected(std::move(reason));
  }
  serve_reads();
}

void observed_run::end(run_result result) {
  if (phase_ == phase::over) {
    return;
  }
  phase_ = phase::over;
  set_progress(result.progress);
  input_.broken("the script has ended");
  const auto events = std::exchange(events_, {});
  if (events.on_end) {
    events.on_end(std::move(result));
  }
  serve_reads();
}

void observed_run::read_output(output_query query, std::function<void(output_page)> done) {
  auto page = read_page(query);
  if (!page.records.empty() || page.ended || query.wait.count() <= 0) {
    done(std::move(page));
    return;
  }
  const auto self = shared_from_this();
  reads_.push_back({query, std::move(done), {}});
  const auto place = std::prev(reads_.end());
  place->deadline = loop_.after(query.wait, [self, place] {
    const auto late = std::move(*place);
    self->reads_.erase(place);
    late.done(self->read_page(late.query));
  });
}

void observed_run::serve_reads() {
  for (auto one = reads_.begin(); one != reads_.end();) {
    auto page = read_page(one->query);
    if (page.records.empty() && !page.ended) {
      ++one;
      continue;
    }
    loop_.cancel(one->deadline);
    const auto served = std::move(*one);
    one = reads_.erase(one);
    served.done(std::move(page));
  }
}

output_page observed_run::read_page(const output_query& query) {
  output_page page;
  const auto known = progress().records;
  if (phase_ == phase::over || query.from < known) {
    page.records = spool_.read(query.from, query.max_bytes, page_records);
  }
  page.next = page.records.empty() ? query.from : page.records.back().seq + 1;
  if (phase_ == phase::over) {
    page.ended = page.records.empty() || (page.next >= known && spool_.read(page.next, 1, 1).empty());
    spool_.rest(); // tasks that are over stay for long, and hold no descriptor
  }
  return page;
}

void observed_run::write_input(std::string bytes, std::function<void(result<std::size_t>)> done) {
  input_.write(std::move(bytes), std::move(done));
  pump_input();
}

void observed_run::close_input(std::function<void(result<>)> done) {
  if (input_.close()) {
    pump_input();
    done({});
  } else {
    done(fail(error_code::conflict, "cannot close the script's standard input: " + input_.closed_reason()));
  }
}

void observed_run::pump_input() {
  if (phase_ != phase::running || !control_) {
    return;
  }
  for (auto piece = input_.next_piece(); !piece.empty(); piece = input_.next_piece()) {
    control_->send(encode_frame(control_type::input, std::string_view{piece}));
  }
  if (plan_.stdin_open && input_.close_is_due()) {
    control_->send(encode_frame(control_type::close_input, std::string_view{}));
  }
}

void observed_run::signal(int number) {
  if (phase_ == phase::running && control_) {
    control_->send(encode_frame(control_type::signal, json{{"signal", number}}));
  }
}

void observed_run::cancel(std::optional<std::chrono::milliseconds> grace) {
  if (phase_ != phase::over && control_) {
    control_->send(
      encode_frame(control_type::cancel, json{{"grace_ms", grace ? json(grace->count()) : json(nullptr)}}));
  }
}

void observed_run::abandon() {
  events_ = {[](run_started) {}, {}, {}};
  for (auto& one : reads_) {
    loop_.cancel(one.deadline);
  }
  reads_.clear();
  if (phase_ != phase::over && control_) {
    control_->send(encode_frame(control_type::abandon, json(nullptr)));
  }
}

void observed_run::let_go() {
  phase_ = phase::over;
  control_.reset();
}

run_progress observed_run::progress() const {
  std::lock_guard guard{mutex_};
  return progress_;
}

void observed_run::set_progress(const run_progress& progress) {
  std::lock_guard guard{mutex_};
  progress_ = progress;
}

} // namespace troupe
