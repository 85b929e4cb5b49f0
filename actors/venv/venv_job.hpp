#pragma once

#include <actors/venv/venv_ports.hpp>

#include <runtime/observer/run_host.hpp>
#include <runtime/venv/build_log.hpp>
#include <runtime/venv/package_list.hpp>
#include <runtime/venv/venv_folder.hpp>
#include <runtime/venv/venv_lock.hpp>
#include <runtime/venv/venv_tools.hpp>

#include <troupe/actor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// What one change of an environment is to do.
struct venv_change {
  venv_note::change kind = venv_note::change::creation;
  std::string name;
  std::vector<std::string> packages; ///< of an installation
  bool latest = false;
  std::filesystem::path requirements; ///< of a creation; empty: nothing is installed
};

/// How a change ended.
struct venv_change_end {
  bool done = false;
  bool unchanged = false; ///< it failed, and the environment is as it was
  std::string reason;
  std::vector<std::string> lines;
};

/// One change of one environment from its lock to its READY mark, as a row of observer runs. Lives in the builder's
/// turn; dropping it stops what runs. What it leaves when it is cut anywhere has no mark.
class venv_job : public std::enable_shared_from_this<venv_job> {
public:
  struct events {
    std::function<void(const std::vector<std::string>& lines)> on_progress;
    std::function<void(venv_change_end)> on_end; ///< once
  };

  venv_job(context& where, const venv_ports& ports, venv_tools tools, venv_change what, events how);
  venv_job(const venv_job&) = delete;
  venv_job& operator=(const venv_job&) = delete;
  ~venv_job() { drop_run(); }

  void start();
  void cancel();

  const venv_change& what() const noexcept { return what_; }
  std::string phase() const { return log_.phase().empty() ? phase_ : log_.phase(); }
  const build_log& log() const noexcept { return log_; }

private:
  /// One program of the change.
  struct step {
    std::string phase;
    std::vector<std::string> argv;
    bool may_fail = false;
  };

  void begin();
  void next_step();
  void run_step();
  void read(std::uint64_t from);
  void take(const output_page& page);
  void step_ended();
  void make_without_packages(const std::string& why);
  void finish();
  void fail_with(std::string reason);
  void end(venv_change_end how);
  /// Runs `what` under the lock; while another process has it, tries again at the configured interval.
  void locked(void (venv_job::*what)());
  void wait_for_lock(void (venv_job::*then)());
  void say(std::string line);
  std::string end_of_step(const run_result& how) const;
  std::chrono::milliseconds time_left() const;
  void drop_run();
  /// Calls a member in the actor's turn, if the job is still there then.
  template <class... Args>
  std::function<void(Args...)> posted(void (venv_job::*what)(Args...));

  context& ctx_;
  poster post_;
  const venv_ports& ports_;
  const venv_folder folder_;
  const venv_tools tools_;
  const venv_change what_;
  events events_;
  const std::string owner_;
  build_log log_;
  std::string phase_ = "waiting";
  std::chrono::steady_clock::time_point deadline_;
  std::vector<step> steps_;
  std::size_t at_ = 0;
  unsigned runs_ = 0;
  std::optional<venv_lock> lock_; ///< between two programs only: they take it themselves
  std::shared_ptr<run> run_;
  std::string run_folder_;
  std::optional<run_result> run_end_;
  std::uint64_t lines_of_step_ = 0;
  std::vector<std::string> packages_before_;
  std::vector<std::string> marked_missing_;
  bool had_mark_ = false;
  bool told_waiting_ = false;
  bool is_over_ = false;
};

} // namespace troupe
