#pragma once

#include <runtime/observer/run_plan.hpp>
#include <runtime/observer/run_result.hpp>
#include <runtime/observer/spool_format.hpp>

#include <troupe/result.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

namespace troupe {

struct run_started {
  pid_t pid = 0;
  std::string started_at; ///< ISO 8601, UTC
};

/// What a run tells, on the host's thread: `on_rejected`, or `on_started` and later `on_end`; each at most once.
struct run_events {
  std::function<void(run_started)> on_started;
  std::function<void(std::string reason)> on_rejected;
  std::function<void(run_result)> on_end;
};

struct output_query {
  std::uint64_t from = 0;
  std::chrono::milliseconds wait{0}; ///< for the first record, or the end
  std::size_t max_bytes = 256 * 1024;
};

struct output_page {
  std::vector<spool_record> records;
  std::uint64_t next = 0; ///< the `from` of the next query
  bool ended = false;     ///< the run is over and `next` is behind its last record
};

/// One run of a script, seen from its node. All functions may be called from any thread and return at once; callbacks
/// come on the host's thread, once, in bounded time (input: when the script has read or ended). Dropping the object
/// stops the run (SIGTERM, grace, SIGKILL) without anybody waiting for it.
class run {
public:
  virtual ~run() = default;

  virtual void read_output(output_query query, std::function<void(output_page)> done) = 0;
  /// `done` gets the number of bytes once they are all in the script's pipe. `mailbox_full` if too much waits already.
  virtual void write_input(std::string bytes, std::function<void(result<std::size_t>)> done) = 0;
  /// The end of input, after what was written before.
  virtual void close_input(std::function<void(result<>)> done) = 0;
  /// To the script's own process.
  virtual void signal(int number) = 0;
  /// Stops the whole tree; the end is reported as usual.
  virtual void cancel(std::optional<std::chrono::milliseconds> grace = {}) = 0;
  virtual run_progress progress() const = 0;
};

/// Starts runs. Thread-safe.
class run_host {
public:
  virtual ~run_host() = default;
  virtual std::shared_ptr<run> start(const run_plan& plan, run_events events) = 0;
};

} // namespace troupe
