#pragma once

#include <troupe/result.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace troupe {

/// What the whole process tree of a run may use; nothing: no limit.
struct resource_limits {
  std::optional<std::uint64_t> memory_bytes;
  std::optional<std::uint64_t> processes; ///< and threads
};

struct resource_use {
  std::uint64_t memory_bytes = 0;
  std::uint64_t memory_peak = 0;
  std::chrono::microseconds cpu{0};
  bool out_of_memory = false;      ///< the memory limit was reached, and something was killed or is to be
  bool too_many_processes = false; ///< to be stopped: the kernel does not hold this limit
};

/// How the use of a run's process tree is measured and limited: one body for each means that a system may have. Belongs to
/// the run's observer; its end removes what it has made, once nothing is left in it.
class resource_guard {
public:
  virtual ~resource_guard() = default;

  virtual const char* means() const noexcept = 0; ///< "cgroup v2", "cgroup v1", "polling"
  /// Descriptors into which the first process of the run writes "0" to belong to it.
  virtual std::vector<int> doors() const { return {}; }
  /// Becomes readable when the memory limit was reached; -1: look from time to time.
  virtual int news() const { return -1; }
  virtual void take_news() {}
  virtual resource_use look() = 0;
  /// How often `look` finds out soon enough; nothing: `news` is enough.
  virtual std::optional<std::chrono::milliseconds> interval() const { return std::nullopt; }
  virtual void kill() = 0;
};

/// Means in their order of preference; `polling` works everywhere.
enum class guard_means { cgroup_v2, cgroup_v1, polling };

/// The best that this machine allows, from `first` on.
std::unique_ptr<resource_guard> make_resource_guard(const std::string& run_id, const resource_limits& limits,
                                                    guard_means first = guard_means::cgroup_v2);

/// Each of them alone; the error says what this machine lacks. `root` is the cgroup folder below which the run's own is
/// made. The polling guard looks at the descendants of `root`.
result<std::unique_ptr<resource_guard>> make_cgroup_v2_guard(const std::string& root, const std::string& run_id,
                                                             const resource_limits& limits);
struct cgroup_places;
result<std::unique_ptr<resource_guard>> make_cgroup_v1_guard(const cgroup_places& places, const std::string& run_id,
                                                             const resource_limits& limits);
std::unique_ptr<resource_guard> make_polling_guard(pid_t root, const resource_limits& limits);

/// The folders in which a cgroup of version 2 with the memory controller may be made, the best first.
std::vector<std::string> cgroup_v2_roots(const cgroup_places& places);

} // namespace troupe
