#pragma once

#include <cstdint>

namespace bench {

/// Idle actors in a bare CAF program, in a process of their own.
struct bare_actors {
  double per_second = 0; ///< `spawn` by one thread
  double bytes_each = 0; ///< resident memory
};
bare_actors spawn_bare_actors(std::uint64_t count);

/// Seconds until a bare CAF program answers over an inherited socketpair, from the start of the process.
double start_bare_process();

/// The other process, if the command line asks for it: true once it has run.
bool run_as_bare_program(int argc, char** argv);

} // namespace bench
