#pragma once

#include <runtime/process/unique_fd.hpp>

#include <optional>

#include <sys/types.h>

namespace troupe {

/// A PID namespace for everything a run starts. Its first process, `init`, is a copy of the observer that collects
/// orphans; when it ends, the kernel kills all the others at once, and it ends with the observer: its lifeline closes,
/// and it has a parent-death signal.
struct run_namespace {
  pid_t init = -1;
  unique_fd lifeline; ///< one byte means that the script has ended: init ends when no orphan is left
  unique_fd mounts;   ///< the mount namespace in which /proc shows this PID namespace; empty: the observer's own
};

/// From now on all children of this process are in the namespace. Nothing where the system does not allow it: that needs
/// root or user namespaces. For a program with one thread that has no children yet.
std::optional<run_namespace> enter_run_namespace();


} // namespace troupe
