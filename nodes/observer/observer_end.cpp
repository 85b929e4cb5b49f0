// How a run ends, and what is told of it.
#include "observer.hpp"

#include "run_report.hpp"

#include <runtime/observer/process_tree.hpp>
#include <runtime/observer/run_remains.hpp>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

namespace troupe {

void observer::reject(const error& why) {
  is_over_ = true;
  users_.stop_listening();
  calls_.close();
  if (spool_) { // the folder is this run's and nothing happened in it
    std::error_code ignored;
    std::filesystem::remove(spool_file_of(plan_.folder), ignored);
    std::filesystem::remove(work_folder_of(plan_.folder), ignored);
    std::filesystem::remove(lock_file_of(plan_.folder), ignored);
    std::filesystem::remove(plan_.folder, ignored);
  }
  users_.send(encode_frame(control_type::rejected, json{{"reason", why.text}}));
  if (!users_.has_user()) {
    loop_.stop();
  }
}

/// What is loaded is seen only while its process lives.
void observer::look_at_libraries() {
  std::vector<pid_t> tree;
  for (const auto& one : descendants_of(::getpid())) {
    tree.push_back(one.pid);
  }
  library_ = larger_of(library_, largest_mapped_by(tree));
}

/// In a namespace all at once; without one as many as can be seen, and again until none is left.
void observer::kill_tree() {
  if (namespace_) {
    ::kill(namespace_->init, SIGKILL);
  }
  limits_->guard().kill();
  signal_processes(descendants_of(::getpid()), SIGKILL);
}

void observer::finish() {
  out_->finish();
  err_->finish();
  calls_.close();
  is_over_ = true;
  const auto used = limits_->end();
  if (library_ == nullptr && watch_->cause() == stop_cause::memory) {
    library_ = largest_imported_by(plan_.script);
  }
  result_ = report_of(plan_, run_facts{wait_status_, duration_s_, watch_->cause(), watch_->stopped_leftovers(),
                                       watch_->gave_up(), spool_->is_cut(), spool_->progress(), used.memory_peak,
                                       std::chrono::duration<double>(used.cpu).count(), library_});
  limits_.reset();
  if (!keep_result(plan_.folder, result_, json{{"id", plan_.id}, {"os_pid", script_}, {"started_at", started_at_}})) {
    std::fprintf(stderr, "troupe-observer: cannot write the result of %s: %s\n", plan_.folder.c_str(),
                 std::strerror(errno));
  }
  users_.stop_listening();
  users_.send(encode_frame(control_type::ended, to_json(result_)));
  if (!users_.has_user()) {
    loop_.stop();
  }
}

} // namespace troupe
