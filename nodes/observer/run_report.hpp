#pragma once

#include "large_library.hpp"

#include <runtime/observer/run_plan.hpp>
#include <runtime/observer/run_result.hpp>
#include <runtime/observer/run_watch.hpp>

#include <optional>

namespace troupe {

/// What an observer knows at the end of its run.
struct run_facts {
  std::optional<int> wait_status; ///< the script's, as waitpid gave it
  double duration_s = 0;
  stop_cause cause = stop_cause::none;
  bool stopped_leftovers = false;
  bool gave_up = false;
  bool output_was_cut = false;
  run_progress progress;
  std::uint64_t peak_memory = 0;
  double cpu_s = 0;
  const large_library* library = nullptr; ///< that was loaded when the memory limit was passed; null: none is known
};

/// The result of a run, with the reason in words for people: which limit, its value, and what to do. Pure.
run_result report_of(const run_plan& plan, const run_facts& facts);

} // namespace troupe
