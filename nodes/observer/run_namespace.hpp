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
};

/// From now on all children of this process are in the namespace. Nothing where the system does not allow it: that needs
/// root or user namespaces. For a program with one thread that has no children yet.
std::optional<run_namespace> enter_run_namespace();

/// In a process of the namespace: gives it a /proc that shows the numbers its processes see themselves, in a mount
/// namespace of its own. Takes no memory. If that is not allowed, /proc stays as it is.
void see_own_processes();

/// The life of the first process of a namespace, for a program that is just started as it.
[[noreturn]] void be_first_process(int lifeline);

} // namespace troupe
