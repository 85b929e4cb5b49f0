#pragma once

#include <runtime/observer/control_channel.hpp>
#include <runtime/observer/input_queue.hpp>
#include <runtime/observer/output_reads.hpp>
#include <runtime/observer/run_host.hpp>
#include <runtime/process/event_loop.hpp>
#include <runtime/process/unique_fd.hpp>
#include <runtime/process_host/process_host.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// A user's side of one run: its observer's socket, its spool, its input. Lives on the loop's thread, but for the
/// functions of which something else is said; `observer_run` (the user's handle) posts to it.
class observed_run : public std::enable_shared_from_this<observed_run> {
public:
  observed_run(event_loop& loop, const run_plan& plan, run_events events);
  observed_run(event_loop& loop, const attach_request& what, run_events events);

  void start(process_host& processes, const std::string& observer_program);
  /// The same with an observer that waits for its plan already; `refused` is told when its interpreter could not be used.
  void start(unique_fd observer, std::function<void(const std::string& why)> refused);
  void attach();
  void read_output(output_query query, std::function<void(output_page)> done);
  void signal(int number);
  void cancel(std::optional<std::chrono::milliseconds> grace);
  void answer_call(std::uint64_t id, const json& answer);
  void push_json(const json& value, std::function<void(result<>)> done);
  /// What `write_input` and `close_input` left to be sent.
  void pump_input();
  /// The user is gone: tells nobody any more and leaves the observer.
  void leave();

  // Any thread. Answers are given at once, or later on the loop's thread.
  void write_input(std::string bytes, std::string key, std::function<void(result<std::size_t>)> done);
  void close_input(std::function<void(result<>)> done);
  std::vector<std::string> withdraw_writes();
  json save_input() const;
  run_progress progress() const;

private:
  enum class phase { starting, attaching, running, over };

  void use(unique_fd socket);
  void on_frame(const control_frame& frame);
  void on_running(const json& body);
  void on_attached(const json& body);
  void on_replaced();
  void on_closed();
  void on_observer_end(child_end how);
  void settle(int attempts_left);
  void lose(unique_fd lock, std::string reason);
  void sweep(std::shared_ptr<unique_fd> lock, int rounds_left, std::size_t killed, std::string reason);
  void reject(std::string reason);
  void end(run_result result);
  void forget_pushes(const std::string& reason);
  void set_progress(const run_progress& progress);
  void break_input(const std::string& reason);

  event_loop& loop_;
  const attach_request what_;
  const std::optional<run_plan> plan_; // of a run that was started here
  run_events events_;
  std::function<void(const std::string&)> refused_;
  phase phase_;
  std::unique_ptr<control_channel> control_;
  std::shared_ptr<child> observer_;
  pid_t script_ = 0;
  std::optional<std::optional<std::chrono::milliseconds>> wants_cancel_; // a grace, which need not be given
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::string observer_end_ = "is gone";
  std::shared_ptr<output_reads> reads_;
  std::map<std::uint64_t, std::function<void(result<>)>> pushes_;
  std::uint64_t push_count_ = 0;
  mutable std::mutex input_mutex_;
  input_queue input_;
  mutable std::mutex mutex_; // for progress_
  run_progress progress_;
};

} // namespace troupe
