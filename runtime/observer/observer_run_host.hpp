#pragma once

#include <runtime/observer/run_host.hpp>
#include <runtime/process/event_loop.hpp>
#include <runtime/process_host/process_host.hpp>

#include <string>

namespace troupe {

/// The real run host: an observer process for each run. `loop` runs on the one I/O thread that all runs of a program
/// share; it and `processes` outlive this host and its runs, and `loop`'s thread ends after `processes`.
class observer_run_host : public run_host {
public:
  observer_run_host(event_loop& loop, process_host& processes, std::string observer_program);

  std::shared_ptr<run> start(const run_plan& plan, run_events events) override;

private:
  event_loop& loop_;
  process_host& processes_;
  std::string observer_program_;
};

} // namespace troupe
