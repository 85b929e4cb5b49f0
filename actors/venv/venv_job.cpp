#include <actors/venv/venv_job.hpp>

#include <runtime/observer/process_tree.hpp>
#include <runtime/venv/durable_file.hpp>
#include <runtime/venv/pip_shim.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <random>

#include <unistd.h>

namespace troupe {
namespace {

using steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds stop_grace{1'000};
constexpr std::uint64_t spool_limit = 4u << 20;
constexpr std::size_t told_lines = 40;
constexpr int lock_is_taken = 75; ///< the code by which flock says so, told to it
constexpr unsigned most_runs = 16;
constexpr std::chrono::seconds time_without_packages{30}; ///< to make it once more, though the time is over

std::string random_id() {
  std::random_device source;
  char text[20];
  std::snprintf(text, sizeof text, "%08x%08x", source(), source());
  return text;
}

unsigned long long start_of(pid_t pid) {
  for (const auto& entry : process_table()) {
    if (entry.pid == pid) {
      return entry.started;
    }
  }
  return 0;
}

/// What a builder that died has left at work, and where it worked.
void bury_the_dead(const venv_folder& folder, const venv_note& note) {
  const bool is_alive = note.owner_started != 0 && start_of(note.owner_pid) == note.owner_started;
  if (note.failed || note.runs.empty() || is_alive) {
    return;
  }
  for (unsigned n = 1; n <= most_runs; ++n) {
    const auto run = note.runs + std::to_string(n);
    std::error_code failed;
    if (std::filesystem::exists(folder.runs() / run, failed)) {
      signal_processes(processes_of_run(run, 0), SIGKILL);
      std::filesystem::remove_all(folder.runs() / run, failed);
    }
  }
}

} // namespace

venv_job::venv_job(context& where, const venv_ports& ports, venv_tools tools, venv_change what, events how)
  : ctx_(where), post_(where.make_poster()), ports_(ports), folder_(ports.folder), tools_(std::move(tools)),
    what_(std::move(what)), events_(std::move(how)), owner_(random_id()) {}

template <class... Args>
std::function<void(Args...)> venv_job::posted(void (venv_job::*what)(Args...)) {
  return [weak = weak_from_this(), post = post_, what](Args... args) {
    post([weak, what, args...] {
      if (const auto self = weak.lock(); self && !self->is_over_) {
        ((*self).*what)(args...);
      }
    });
  };
}

void venv_job::start() {
  deadline_ = steady::now() + std::chrono::milliseconds{static_cast<std::int64_t>(ports_.creation_timeout_s * 1000)};
  if (auto made = folder_.make(); !made) {
    fail_with(made.error().text);
    return;
  }
  if (const auto note = folder_.note_of(what_.name)) {
    bury_the_dead(folder_, *note);
  }
  locked(&venv_job::begin);
}

void venv_job::cancel() {
  if (!is_over_) {
    fail_with("it was stopped");
  }
}

std::chrono::milliseconds venv_job::time_left() const {
  return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - steady::now()),
                  std::chrono::milliseconds{1});
}

void venv_job::say(std::string line) {
  log_.add(line);
  events_.on_progress({std::move(line)});
}

void venv_job::wait_for_lock(void (venv_job::*then)()) {
  if (steady::now() >= deadline_) {
    fail_with("another process has held its lock for " + std::to_string(static_cast<int>(ports_.creation_timeout_s)) +
              " s (VENV_CREATION_TIMEOUT)");
    return;
  }
  if (!std::exchange(told_waiting_, true)) {
    say("waiting for another process that changes " + what_.name);
  }
  ctx_.after(seconds{ports_.wait_interval_s}, [weak = weak_from_this(), then] {
    if (const auto self = weak.lock(); self && !self->is_over_) {
      then == &venv_job::run_step ? self->run_step() : self->locked(then);
    }
  });
}

void venv_job::locked(void (venv_job::*what)()) {
  auto taken = venv_lock::try_take(folder_.lock_of(what_.name));
  if (!taken) {
    fail_with(taken.error().text);
  } else if (!*taken) {
    wait_for_lock(what);
  } else {
    lock_ = std::move(*taken);
    (this->*what)();
    lock_.reset();
  }
}

void venv_job::begin() {
  venv_note note;
  note.kind = what_.kind;
  note.owner = owner_;
  note.owner_pid = ::getpid();
  note.owner_started = start_of(::getpid());
  note.runs = "venv-" + owner_ + "-";
  if (auto written = folder_.write_note(what_.name, note); !written) {
    fail_with(written.error().text);
    return;
  }
  const auto place = folder_.path_of(what_.name);
  result<> ready;
  if (what_.kind == venv_note::change::creation) {
    auto aside = folder_.set_aside(what_.name);
    ready = aside ? result<>{} : std::unexpected(aside.error());
    steps_.push_back({"creating", tools_.creation(place)});
    if (!what_.requirements.empty()) {
      if (auto first = tools_.preparation(); !first.empty()) {
        steps_.push_back({"getting pip ready", std::move(first), true});
      }
      steps_.push_back({"installing", tools_.installation_of_list(place, what_.requirements), true});
    }
  } else {
    packages_before_ = installed_specs(place);
    if (const auto mark = folder_.mark_of(what_.name)) {
      marked_missing_ = mark->missing;
      had_mark_ = true;
    }
    if (auto first = tools_.preparation(); !first.empty()) {
      steps_.push_back({"getting pip ready", std::move(first)});
    }
    steps_.push_back({"resolving", tools_.installation(place, what_.packages, what_.latest)});
    ready = folder_.remove_mark(what_.name);
  }
  if (!ready) {
    fail_with(ready.error().text);
    return;
  }
  posted(&venv_job::next_step)(); // the lock is free again by then
}

void venv_job::next_step() {
  if (at_ == steps_.size()) {
    locked(&venv_job::finish);
    return;
  }
  phase_ = steps_[at_].phase;
  log_.restart();
  say(phase_ + (what_.kind == venv_note::change::creation && at_ == 0 ? " " + folder_.path_of(what_.name).string() +
                                                                          " with " + tools_.name()
                                                                      : ""));
  run_step();
}

void venv_job::run_step() {
  const auto& todo = steps_[at_];
  run_plan plan;
  plan.id = "venv-" + owner_ + "-" + std::to_string(++runs_);
  run_folder_ = (folder_.runs() / plan.id).string();
  plan.folder = run_folder_;
  // The lock is held by the program itself and all it starts, so nobody builds here while anything of it lives.
  plan.argv = {"flock", "--nonblock", "--conflict-exit-code", std::to_string(lock_is_taken), "--no-fork",
               folder_.lock_of(what_.name).string()};
  plan.argv.insert(plan.argv.end(), todo.argv.begin(), todo.argv.end());
  plan.env = venv_tools::environment(ports_.environment);
  plan.timeout = time_left();
  plan.stop_grace = stop_grace;
  plan.orphan_grace = std::chrono::milliseconds{0}; // a build without its builder is worth nothing
  plan.spool_limit = spool_limit;
  run_end_.reset();
  lines_of_step_ = 0;
  run_events told;
  told.on_started = [](const run_started&) {};
  told.on_rejected = posted(&venv_job::fail_with);
  told.on_end = [weak = weak_from_this(), post = post_](run_result how) {
    post([weak, how] {
      if (const auto self = weak.lock()) {
        self->run_end_ = how;
      }
    });
  };
  run_ = ports_.runs->start(plan, std::move(told));
  read(0);
}

void venv_job::read(std::uint64_t from) {
  constexpr std::chrono::seconds patience{30};
  constexpr std::size_t page_bytes = 64u << 10;
  run_->read_output({from, patience, page_bytes}, [weak = weak_from_this(), post = post_](output_page page) {
    post([weak, page = std::move(page)] {
      if (const auto self = weak.lock(); self && !self->is_over_) {
        self->take(page);
      }
    });
  });
}

void venv_job::take(const output_page& page) {
  std::vector<std::string> lines;
  for (const auto& record : page.records) {
    auto more = log_.take(record.data);
    std::ranges::move(more, std::back_inserter(lines));
  }
  if (page.ended) {
    if (auto last = log_.finish()) {
      lines.push_back(std::move(*last));
    }
  }
  lines_of_step_ += lines.size();
  if (!lines.empty()) {
    events_.on_progress(lines);
  }
  if (!page.ended) {
    read(page.next);
  } else if (run_end_) { // it was posted before the last page; without it the run was rejected
    step_ended();
  }
}

std::string venv_job::end_of_step(const run_result& how) const {
  switch (how.outcome) {
  case run_outcome::exited:
    return tools_.name() + " ended with code " + std::to_string(how.exit_code.value_or(-1));
  case run_outcome::timed_out:
    return "it took longer than " + std::to_string(static_cast<int>(ports_.creation_timeout_s)) +
           " s (VENV_CREATION_TIMEOUT)";
  case run_outcome::signalled:
    return tools_.name() + " was killed by signal " + std::to_string(how.signal.value_or(0));
  default:
    return how.reason.empty() ? std::string{"the build was cut"} : how.reason;
  }
}

void venv_job::step_ended() {
  const auto how = *run_end_;
  drop_run();
  const bool exited = how.outcome == run_outcome::exited;
  if (exited && how.exit_code == lock_is_taken && lines_of_step_ == 0 && runs_ < most_runs) {
    wait_for_lock(&venv_job::run_step);
  } else if (exited && how.exit_code == 0) {
    ++at_;
    next_step();
  } else if (steps_[at_].may_fail && (exited || how.outcome == run_outcome::timed_out)) {
    make_without_packages(end_of_step(how));
  } else {
    fail_with(end_of_step(how));
  }
}

/// What its list asks for cannot be had: the environment works without, and its mark says what is missing. What an
/// installation had begun to write is thrown away with it.
void venv_job::make_without_packages(const std::string& why) {
  say("the environment is made without what could not be installed: " + why);
  at_ = steps_.size();
  deadline_ = std::max(deadline_, steady::now() + time_without_packages);
  if (log_.has_begun_to_install()) {
    const auto lock = venv_lock::try_take(folder_.lock_of(what_.name));
    const auto aside = lock && *lock ? folder_.set_aside(what_.name)
                                     : fail(error_code::conflict, "another process has taken its lock");
    if (!aside) {
      fail_with(aside.error().text);
      return;
    }
    steps_ = {{"creating", tools_.creation(folder_.path_of(what_.name))}};
    at_ = 0;
  }
  posted(&venv_job::next_step)();
}

void venv_job::finish() {
  phase_ = "marking";
  const auto note = folder_.note_of(what_.name);
  if (!note || note->owner != owner_) {
    end({false, false, "another process has changed it meanwhile", log_.last(told_lines)});
    return;
  }
  const auto place = folder_.path_of(what_.name);
  if (::access(folder_.python_of(what_.name).c_str(), X_OK) != 0) {
    fail_with(tools_.name() + " said that it was done, but " + folder_.python_of(what_.name).string() + " is not there");
    return;
  }
  if (what_.kind == venv_note::change::creation) {
    lay_pip_shim(place);
  }
  venv_mark mark{tools_.name(), {}};
  const auto wishes = what_.kind == venv_note::change::creation
                        ? read_requirements(read_small_file(what_.requirements))
                        : marked_missing_;
  mark.missing = missing_of(wishes, installed_packages(place));
  result<> done = folder_.write_mark(what_.name, mark);
  if (done) {
    done = folder_.remove_note(what_.name);
  }
  end({done.has_value(), false, done ? std::string{} : done.error().text, log_.last(told_lines)});
}

/// What a failed installation has not touched stays usable; all else waits for somebody who builds it anew.
void venv_job::fail_with(std::string reason) {
  const bool exited = run_end_ && run_end_->outcome == run_outcome::exited;
  drop_run();
  const auto place = folder_.path_of(what_.name);
  const bool unchanged = what_.kind == venv_note::change::installation && had_mark_ &&
                         (!log_.has_begun_to_install() || (exited && installed_specs(place) == packages_before_));
  auto lines = log_.last(told_lines);
  if (!lock_) {
    if (auto taken = venv_lock::try_take(folder_.lock_of(what_.name)); taken) {
      lock_ = std::move(*taken);
    }
  }
  auto note = folder_.note_of(what_.name);
  if (lock_ && note && note->owner == owner_) {
    if (unchanged) {
      (void)folder_.write_mark(what_.name, {tools_.name(), marked_missing_});
      (void)folder_.remove_note(what_.name);
    } else {
      note->failed = true;
      note->reason = reason;
      note->lines = lines;
      (void)folder_.write_note(what_.name, *note);
    }
  }
  lock_.reset();
  end({false, unchanged, std::move(reason), std::move(lines)});
}

void venv_job::end(venv_change_end how) {
  is_over_ = true;
  drop_run();
  // After this turn, as the builder drops the job then.
  post_([weak = weak_from_this(), how = std::move(how)] {
    if (const auto self = weak.lock()) {
      self->events_.on_end(how);
    }
  });
}

void venv_job::drop_run() {
  if (run_ && !run_end_) {
    run_->cancel(stop_grace);
  }
  run_.reset();
  if (!run_folder_.empty()) {
    std::error_code unused;
    std::filesystem::remove_all(std::exchange(run_folder_, {}), unused);
  }
}

} // namespace troupe
