#include <runtime/observer/resource_guard.hpp>

#include <runtime/observer/cgroup_files.hpp>

#include <unistd.h>

namespace troupe {

std::unique_ptr<resource_guard> make_resource_guard(const std::string& run_id, const resource_limits& limits,
                                                    guard_means first) {
  if (first != guard_means::polling) {
    const auto places = find_cgroups();
    if (first == guard_means::cgroup_v2) {
      for (const auto& root : cgroup_v2_roots(places)) {
        if (auto made = make_cgroup_v2_guard(root, run_id, limits)) {
          return std::move(*made);
        }
      }
    }
    if (auto made = make_cgroup_v1_guard(places, run_id, limits)) {
      return std::move(*made);
    }
  }
  return make_polling_guard(::getpid(), limits);
}

} // namespace troupe
