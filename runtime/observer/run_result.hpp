#pragma once

#include <troupe/json.hpp>
#include <troupe/result.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace troupe {

/// Why a run is over.
enum class run_outcome {
  exited,    ///< the script ended by itself, with `exit_code`
  signalled, ///< a signal that was not ours ended it
  timed_out, ///< the limit of wall time or of processor time
  memory_exceeded, ///< the memory limit of its tree
  cancelled, ///< somebody asked for it, or its node was gone
  lost,      ///< nobody saw the end: the observer died
};

/// How much output a run has made so far.
struct run_progress {
  std::uint64_t records = 0; ///< in the spool
  std::uint64_t out_bytes = 0;
  std::uint64_t err_bytes = 0;
};

/// The one terminal fact of a run. Exit code and signal say how the script's own process ended and never stand for each
/// other; both are empty if that was not seen.
struct run_result {
  run_outcome outcome = run_outcome::lost;
  std::optional<int> exit_code;
  std::optional<int> signal;
  std::string reason; ///< for people: which limit, which signal, what was left behind
  double duration_s = 0;
  std::uint64_t peak_memory = 0; ///< bytes, of the whole tree as far as it was measured; 0: it was not
  double cpu_s = 0;              ///< processor time of the whole tree, likewise
  run_progress progress;
};

const char* to_string(run_outcome outcome);

json to_json(const run_progress& progress);
run_progress run_progress_from_json(const json& value);

json to_json(const run_result& result);
result<run_result> run_result_from_json(const json& value);

} // namespace troupe
