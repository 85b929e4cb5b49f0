#pragma once

#include <troupe/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace troupe {

/// One node process that should exist.
struct process_row {
  std::string node;
  std::uint32_t incarnation = 0; ///< of the process that ran last under this name
  pid_t pid = 0;                 ///< of that process
  bool permanent = true;         ///< comes back when it dies
  bool declared = false;         ///< by the config
  bool persist = false;          ///< comes back after an orderly end too
  bool numbered = false;         ///< it got its name from the counter
  std::uint32_t restarts = 0;

  bool operator==(const process_row&) const = default;
};

/// What the actors of one kind have in common. The number is the head's.
struct kind_row {
  std::uint32_t kind = 0;
  json class_desc;
  json supervision;
  bool persist = false;

  bool operator==(const kind_row&) const = default;
};

/// One actor that should exist.
struct actor_row {
  std::string name;
  std::string node;
  std::uint32_t kind = 0;
  std::vector<std::uint8_t> checkpoint; ///< CBOR; empty: none

  bool operator==(const actor_row&) const = default;
};

/// All that a store holds.
struct store_content {
  bool clean_end = true;         ///< the last daemon ended in order; also true of a new store
  bool booted = false;           ///< the last daemon came as far as being ready
  std::uint64_t next_number = 0; ///< of processes without a name of their own
  std::vector<process_row> processes;
  std::vector<kind_row> kinds;
  std::vector<actor_row> actors;
};

/// What comes back after an orderly end, beside what the config declares: the actors with `persist` and their processes,
/// and the processes with `persist`. Numbers and restart counts begin at 0 again.
store_content after_orderly_end(store_content all);

} // namespace troupe
