// From the plan to the script's first moment.
#include "observer.hpp"

#include "script_process.hpp"

#include <runtime/observer/run_remains.hpp>
#include <runtime/observer/utc_time.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

namespace troupe {

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
  users_.send(encode_frame(control_type::started, json{{"pid", script_}, {"started_at", started_at_}, {"warm", is_warm_}, {"why_not_warm", why_not_warm_}}));
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
  auto script = begin_script();
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

result<script_process> observer::begin_script() {
  limits_.emplace(loop_, plan_, [this](stop_cause why) { on_limit(why); }, [this] { look_at_libraries(); });
  auto warm = std::exchange(warm_, std::nullopt);
  if (warm) {
    namespace_ = std::move(warm->space);
  } else if (plan_.own_pid_namespace) {
    namespace_ = enter_run_namespace();
  }
  script_place where;
  where.doors = limits_->guard().doors();
  where.has_namespace = namespace_.has_value();
  where.has_memory_net = where.doors.empty();
  const auto folder = work_folder_of(plan_.folder);
  if (warm) {
    if (auto script = become_script(warm->child, plan_, folder, where, why_not_warm_)) {
      is_warm_ = true;
      read_without_waiting(*script);
      return std::move(*script);
    }
  }
  return start_script(plan_, folder, where);
}

} // namespace troupe
