#pragma once

#include <troupe/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace troupe {

/// How far a run has come. A later stage replaces an earlier one, never the other way.
enum class run_stage { accepted = 0, preparing = 1, running = 2, stopping = 3, over = 4 };

/// One run as the history keeps it. Times are ISO 8601 in UTC with milliseconds, empty until they are known.
struct run_row {
  std::uint64_t number = 0; ///< its place in the history; given by the store
  std::string id;
  std::string name; ///< of its actor
  std::string parent;
  std::string who; ///< who started it
  std::string application;
  std::string script; ///< the path, or the command line of a run without one
  std::string node;
  std::string venv;
  std::string state;
  run_stage stage = run_stage::accepted;
  std::string accepted_at;
  std::string started_at;
  std::string ended_at;
  std::optional<int> exit_code;
  std::optional<int> signal;
  std::string reason;
  std::uint64_t peak_memory = 0; ///< bytes
  std::uint64_t stdout_bytes = 0;
  std::uint64_t stderr_bytes = 0;
  std::uint64_t kept_bytes = 0; ///< of output, in its folder
  std::string folder;
  bool has_actor = true;
  bool has_output = true; ///< false: it was removed to make room
  json facts;             ///< the whole state that its task told, with `params` and `limits`
  json request;           ///< what it was started with; null: too large to be kept

  bool operator==(const run_row&) const = default;
};

/// A run that has one of the places for runs at once, or waits for one.
struct run_place {
  std::string run;
  std::string actor;
  std::uint64_t number = 0; ///< its turn: the lowest first
  bool held = false;

  bool operator==(const run_place&) const = default;
};

/// Which rows of the history, the newest first.
struct run_query {
  std::string state;  ///< empty: any. `active`: not over; `ended`: over
  std::string script; ///< empty: any. The whole path, or what it ends with behind a slash
  std::string since;  ///< accepted at this time or later; empty: any
  std::uint64_t before = 0; ///< only numbers below this one; 0: all
  std::uint32_t limit = 100;
};

/// How much of ended runs is kept; 0: no limit.
struct run_bounds {
  std::string oldest; ///< ended before this time: too old; empty: none is
  std::uint64_t most_runs = 0;
  std::uint64_t most_output = 0; ///< bytes of all kept output together
};

} // namespace troupe
