#include "process_limits.hpp"

#include <algorithm>

#include <sys/resource.h>

namespace troupe {
namespace {

void limit(pid_t pid, __rlimit_resource what, rlim_t most) {
  rlimit now{};
  if (::prlimit(pid, what, nullptr, &now) == 0) {
    now.rlim_max = std::min(now.rlim_max, most);
    now.rlim_cur = std::min(now.rlim_cur, now.rlim_max);
    ::prlimit(pid, what, &now, nullptr);
  }
}

} // namespace

void limit_process(pid_t pid, const run_plan& plan, bool has_memory_net) {
  limit(pid, RLIMIT_CORE, 0);
  if (plan.open_file_limit) {
    limit(pid, RLIMIT_NOFILE, *plan.open_file_limit);
  }
  if (plan.disk_limit) {
    limit(pid, RLIMIT_FSIZE, *plan.disk_limit);
  }
  if (plan.cpu_limit) {
    limit(pid, RLIMIT_CPU, static_cast<rlim_t>(plan.cpu_limit->count() / 1000 + 2));
  }
  if (plan.memory_limit && has_memory_net) {
    constexpr std::uint64_t slack = std::uint64_t{1} << 30; // untouched memory counts here too, as the stacks of threads
    limit(pid, RLIMIT_DATA, *plan.memory_limit + slack);
  }
}

} // namespace troupe
