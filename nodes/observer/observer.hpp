#pragma once

#include "call_desk.hpp"
#include "input_feed.hpp"
#include "large_library.hpp"
#include "limit_keeper.hpp"
#include "output_pump.hpp"
#include "run_namespace.hpp"
#include "user_links.hpp"
#include "warm_child.hpp"

#include <runtime/observer/run_plan.hpp>
#include <runtime/observer/run_result.hpp>
#include <runtime/observer/run_watch.hpp>
#include <runtime/observer/spool_writer.hpp>
#include <runtime/process/event_loop.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <sys/types.h>

namespace troupe {

/// Guards one run from its plan to its result: connects its users, the script's pipes, the spool and the rules of
/// `run_watch`. Single-threaded; stops the loop when all is done.
class observer {
public:
  /// What was made before the plan came, for a Python script.
  struct prepared {
    warm_child child;
    std::optional<run_namespace> space;
  };

  observer(event_loop& loop, unique_fd control, std::optional<prepared> warm = std::nullopt);

  /// A child ended (SIGCHLD): collects every ended child, adopted ones too.
  void collect_children();
  /// What was prepared and not used ends, and is collected.
  void drop_prepared();
  /// Somebody wants this observer itself to end (SIGTERM).
  void asked_to_end();

private:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds progress_interval{1};

  void on_frame(const control_frame& frame);
  void on_user_attached();
  void on_user_gone();
  void tell_call(const run_call& what);
  void cancel(const json& body);
  void start(const run_plan& plan);
  result<> prepare_folder();
  result<> give_to_user();
  result<> start_run();
  result<script_process> begin_script();
  void reject(const error& why);
  void signal_script(int number);
  void on_output(spool_stream stream, std::string_view data);
  void tell_progress();
  void on_child(pid_t pid, int status);
  void look_at_libraries();
  void on_limit(stop_cause why);
  void kill_tree();
  void evaluate();
  void finish();

  event_loop& loop_;
  run_plan plan_;
  unique_fd lock_;
  std::optional<spool_writer> spool_;
  std::optional<run_watch> watch_;
  std::optional<limit_keeper> limits_;
  std::optional<run_namespace> namespace_;
  std::optional<prepared> warm_; ///< until the script begins
  bool is_warm_ = false;
  std::string why_not_warm_;
  std::optional<input_feed> input_;
  std::optional<output_pump> out_;
  std::optional<output_pump> err_;
  pid_t script_ = -1;
  const large_library* library_ = nullptr; // the largest that was seen in the tree near its memory limit
  std::optional<int> wait_status_; // the script's, as waitpid gave it
  clock::time_point started_;
  std::string started_at_;
  double duration_s_ = 0;
  bool progress_waits_ = false;
  clock::time_point progress_told_;
  std::optional<event_loop::timer_id> wake_;
  bool is_over_ = false;
  run_result result_; // once it is over
  call_desk calls_;
  user_links users_; // last: its handlers use the rest
};

} // namespace troupe
