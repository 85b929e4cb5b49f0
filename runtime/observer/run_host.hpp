#pragma once

#include <runtime/observer/run_plan.hpp>
#include <runtime/observer/run_result.hpp>
#include <runtime/observer/spool_format.hpp>

#include <troupe/json.hpp>
#include <troupe/result.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace troupe {

struct run_started {
  pid_t pid = 0;
  std::string started_at; ///< ISO 8601, UTC
  double elapsed_s = 0;   ///< since then; above 0 only after `attach`
  bool warm = false;      ///< it came from a prepared interpreter
};

/// Something the script wants of its task, by the channel of `ompy`. Ids are unique in a run; a call that has no answer
/// yet is told again, with its id, to each user that attaches.
struct run_call {
  std::uint64_t id = 0;
  std::string name;
  json body;
};

/// What a run tells, on the host's thread: `on_rejected`, or `on_started` and later `on_end`; each at most once. After
/// `attach` it may be `on_end` alone. The others may be empty.
struct run_events {
  std::function<void(run_started)> on_started;
  std::function<void(std::string reason)> on_rejected;
  std::function<void(run_result)> on_end;
  std::function<void(run_call)> on_call;
  std::function<void(std::uint64_t id)> on_call_gone; ///< the script wants no answer any more
  /// Another user was attached after this one; nothing more comes.
  std::function<void()> on_replaced;
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

/// What is known of a run that was started earlier, here or by another process.
struct attach_request {
  std::string id;
  std::string folder;
  std::uint64_t epoch = 0;  ///< higher than that of any user before
  pid_t script = 0;         ///< its process if known, else 0
  bool stdin_open = false;
  json input;               ///< `run::save_input` of the user before, or null
  bool ended = false;       ///< its end is known: there is only its output to be read, and no event comes
};

/// One run of a script, seen from its user. All functions may be called from any thread and return at once; callbacks
/// come on the host's thread, once, in bounded time (input: when the script has read or ended). Dropping the object
/// leaves the run: its observer ends it when nobody attaches within its grace.
class run {
public:
  virtual ~run() = default;

  virtual void read_output(output_query query, std::function<void(output_page)> done) = 0;
  /// `done` gets the number of bytes once they are all in the script's pipe. `mailbox_full` if too much waits already.
  /// A write of a `key` that is known from before is not written again; `done` is answered for the first one.
  virtual void write_input(std::string bytes, std::string key, std::function<void(result<std::size_t>)> done) = 0;
  /// The end of input, after what was written before.
  virtual void close_input(std::function<void(result<>)> done) = 0;
  /// The answers to writes that have keys are not given: the writes come again with their keys, here or to the user that
  /// attaches with `save_input`. Returns these keys.
  virtual std::vector<std::string> withdraw_writes() = 0;
  virtual json save_input() const = 0;
  /// To the script's own process.
  virtual void signal(int number) = 0;
  /// Stops the whole tree; the end is reported as usual.
  virtual void cancel(std::optional<std::chrono::milliseconds> grace = {}) = 0;
  /// `{"ok": true, "body"}` or `{"ok": false, "error": {"name", "text"}}`. An id that is not open is ignored.
  virtual void answer_call(std::uint64_t id, json answer) = 0;
  /// A value for the script's `read_json`; `done` when the observer keeps it. `mailbox_full` if too many wait already.
  virtual void push_json(json value, std::function<void(result<>)> done) = 0;
  virtual run_progress progress() const = 0;
};

/// Starts runs. Thread-safe.
class run_host {
public:
  virtual ~run_host() = default;
  virtual std::shared_ptr<run> start(const run_plan& plan, run_events events) = 0;
  /// Takes a run over, wherever it was started. The user before, if it is still there, is told and cut off. If the run has
  /// ended, its result is told from its folder; without one it is `lost`, and what is left of it is killed.
  virtual std::shared_ptr<run> attach(const attach_request& what, run_events events) = 0;
};

} // namespace troupe
