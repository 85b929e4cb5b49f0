#pragma once

#include <runtime/observer/control_channel.hpp>
#include <runtime/observer/input_queue.hpp>
#include <runtime/observer/run_host.hpp>
#include <runtime/observer/spool_reader.hpp>
#include <runtime/process/event_loop.hpp>
#include <runtime/process_host/process_host.hpp>

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace troupe {

/// The node's side of one run: its observer's socket, its spool, its input. Lives on the loop's thread; `observer_run`
/// (its user's handle) posts to it.
class observed_run : public std::enable_shared_from_this<observed_run> {
public:
  observed_run(event_loop& loop, run_plan plan, run_events events);

  void start(process_host& processes, const std::string& observer_program);
  void read_output(output_query query, std::function<void(output_page)> done);
  void write_input(std::string bytes, std::function<void(result<std::size_t>)> done);
  void close_input(std::function<void(result<>)> done);
  void signal(int number);
  void cancel(std::optional<std::chrono::milliseconds> grace);
  /// The user is gone: stops the run and tells nobody.
  void abandon();
  /// After `abandon`: closes the socket, so that nothing of this run needs the loop any more.
  void let_go();

  run_progress progress() const; ///< any thread

private:
  enum class phase { starting, running, over };

  struct waiting_read {
    output_query query;
    std::function<void(output_page)> done;
    event_loop::timer_id deadline;
  };

  void on_frame(const control_frame& frame);
  void on_observer_end(child_end how);
  void settle(int attempts_left);
  void lose(std::string reason);
  void sweep(int rounds_left, std::size_t killed, std::string reason);
  void reject(std::string reason);
  void end(run_result result);
  void set_progress(const run_progress& progress);
  void pump_input();
  void serve_reads();
  output_page read_page(const output_query& query);

  event_loop& loop_;
  run_plan plan_;
  run_events events_;
  phase phase_ = phase::starting;
  std::unique_ptr<control_channel> control_;
  std::shared_ptr<child> observer_;
  pid_t script_ = 0;
  std::chrono::steady_clock::time_point started_;
  std::string observer_end_;
  input_queue input_;
  spool_reader spool_;
  std::list<waiting_read> reads_;
  mutable std::mutex mutex_; // for progress_
  run_progress progress_;
};

} // namespace troupe
