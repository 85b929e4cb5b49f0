#pragma once

#include <runtime/observer/prepared_observers.hpp>
#include <runtime/observer/run_host.hpp>
#include <runtime/process/event_loop.hpp>
#include <runtime/process_host/process_host.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace troupe {

class observed_run;

/// The real run host: an observer process for each run. `loop` runs on the one I/O thread that all runs of a program
/// share; it and `processes` outlive this host, and `loop`'s thread ends after `processes`. The end of the host leaves
/// all its runs to their observers; handles that are still there then do nothing any more.
class observer_run_host : public run_host {
public:
  /// `prepared`: where runs that may be warm come from; null: nowhere.
  observer_run_host(event_loop& loop, process_host& processes, std::string observer_program,
                    prepared_observers* prepared = nullptr);
  observer_run_host(const observer_run_host&) = delete;
  observer_run_host& operator=(const observer_run_host&) = delete;
  ~observer_run_host() override;

  std::shared_ptr<run> start(const run_plan& plan, run_events events) override;
  std::shared_ptr<run> attach(const attach_request& what, run_events events) override;

private:
  void note(const std::shared_ptr<observed_run>& one);
  void start_warm(const run_plan& plan, const std::shared_ptr<observed_run>& one);
  event_loop& loop_;
  process_host& processes_;
  std::string observer_program_;
  prepared_observers* prepared_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<observed_run>> runs_;
  std::shared_ptr<const int> alive_ = std::make_shared<int>(); ///< gone with the host: its handles look at it
};

} // namespace troupe
