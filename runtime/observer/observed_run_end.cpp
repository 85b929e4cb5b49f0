// How a user learns of a run's end, also when its observer has not told it.
#include <runtime/observer/observed_run.hpp>

#include <runtime/observer/cgroup_files.hpp>
#include <runtime/observer/process_tree.hpp>
#include <runtime/observer/run_remains.hpp>
#include <runtime/process/unix_place.hpp>

#include <csignal>
#include <utility>

namespace troupe {
namespace {

constexpr std::chrono::milliseconds retry_interval{10};
constexpr int retry_count = 300;
/// An observer that was started a moment ago may not have its folder yet.
constexpr int patience_with_birth = 100;

std::string describe(child_end how) {
  if (const auto* exited = std::get_if<child_exited>(&how)) {
    return "ended with exit code " + std::to_string(exited->code);
  }
  if (const auto* killed = std::get_if<child_signalled>(&how)) {
    return "was killed by signal " + std::to_string(killed->signal);
  }
  return "ended, and how is not known";
}

} // namespace

void observed_run::attach() {
  if (phase_ != phase::attaching) {
    return;
  }
  if (what_.ended) {
    leave();
    reads_->advance(0, true);
    break_input("the script has ended");
    return;
  }
  auto socket = connect_to_path(attach_socket_of(what_.folder));
  if (!socket) {
    settle(socket.error().code == error_code::unavailable ? retry_count : patience_with_birth);
    return;
  }
  use(std::move(*socket));
  control_->send(encode_frame(control_type::attach, json{{"epoch", what_.epoch}}));
}

/// The socket is closed. After `start` the end of the observer's process follows and settles the run.
void observed_run::on_closed() {
  if (phase_ == phase::over || observer_) {
    return;
  }
  const auto self = shared_from_this();
  loop_.post([self] { self->settle(retry_count); }); // not inside of a call by the channel
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
  const auto self = shared_from_this();
  const auto again = [&] {
    loop_.after(retry_interval, [self, attempts_left] { self->settle(attempts_left - 1); });
  };
  if (control_ && control_->is_open()) { // what it sent before is read first, up to the end of the socket
    again();
    return;
  }
  const bool is_known = ::access(lock_file_of(what_.folder).c_str(), F_OK) == 0;
  auto lock = is_known || attempts_left <= 0 || plan_ ? take_run_lock(what_.folder) : unique_fd{};
  if (lock) {
    if (auto kept = kept_result(what_.folder)) {
      end(std::move(*kept));
    } else {
      lose(std::move(lock), plan_ && phase_ == phase::starting
                              ? "the run's observer " + observer_end_ + " before the script was started"
                              : "the run's observer " + observer_end_ + ", so nobody saw the script's end");
    }
    return;
  }
  if (is_known && !plan_) { // its observer lives: it may only not have listened yet, or have been in its last steps
    phase_ = phase::attaching;
    loop_.after(retry_interval * 5, [self] { self->attach(); });
    return;
  }
  if (attempts_left > 0) {
    again();
    return;
  }
  lose({}, "the run's folder " + what_.folder + " cannot be used, so nobody knows the script's end");
}

void observed_run::lose(unique_fd lock, std::string reason) {
  sweep(std::make_shared<unique_fd>(std::move(lock)), retry_count, 0, std::move(reason));
}

/// Kills what is left of the tree, again until nothing is found, then keeps and reports the loss. The lock is held all
/// that time: an observer that comes late finds the result and starts nothing.
void observed_run::sweep(std::shared_ptr<unique_fd> lock, int rounds_left, std::size_t killed, std::string reason) {
  const auto cgroups = kill_cgroups_of(what_.id);
  const auto left = processes_of_run(what_.id, script_);
  if ((!left.empty() || !cgroups.is_done) && rounds_left > 0) {
    const auto now = signal_processes(left, SIGKILL);
    loop_.after(retry_interval, [self = shared_from_this(), lock, rounds_left, killed = std::max(killed, now),
                                 reason = std::move(reason)] { self->sweep(lock, rounds_left - 1, killed, reason); });
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
  if (*lock) {
    (void)keep_result(what_.folder, lost, json{{"id", what_.id}});
  }
  end(std::move(lost));
}

void observed_run::reject(std::string reason) {
  if (phase_ != phase::starting) {
    return;
  }
  phase_ = phase::over;
  break_input("the script was not started");
  const auto events = std::exchange(events_, {});
  if (events.on_rejected) {
    events.on_rejected(std::move(reason));
  }
  forget_pushes("the script was not started");
  reads_->advance(progress().records, true);
}

void observed_run::end(run_result result) {
  if (phase_ == phase::over) {
    return;
  }
  phase_ = phase::over;
  const auto last = result.progress;
  {
    std::lock_guard guard{mutex_};
    progress_ = last; // before the end is told: who hears it looks at it
  }
  break_input("the script has ended");
  forget_pushes("the script has ended");
  const auto events = std::exchange(events_, {});
  if (events.on_end) {
    events.on_end(std::move(result));
  }
  reads_->advance(last.records, true); // after it: the last page goes with the last state
}

void observed_run::forget_pushes(const std::string& reason) {
  for (auto& [number, done] : std::exchange(pushes_, {})) {
    done(fail(error_code::conflict, reason));
  }
}

void observed_run::leave() {
  events_ = {};
  phase_ = phase::over;
  reads_->drop();
  if (control_) {
    control_->close();
  }
}

} // namespace troupe
