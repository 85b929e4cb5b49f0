#pragma once

#include <runtime/observer/run_plan.hpp>

#include <sys/types.h>

namespace troupe {

/// What the kernel holds for each process alone: sets it for `pid`, which may be a child, or 0 for this process. Takes no
/// memory. `has_memory_net`: nobody but polling holds the memory limit, so a single process may not run far past it.
void limit_process(pid_t pid, const run_plan& plan, bool has_memory_net);

} // namespace troupe
