#include <runtime/observer/cgroup_files.hpp>
#include <runtime/observer/process_tree.hpp>
#include <runtime/observer/resource_guard.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include <unistd.h>

namespace troupe {
namespace {

constexpr std::chrono::milliseconds slow{50};
constexpr std::chrono::milliseconds quick{10};

/// What is gone with its process is kept here as far as it was seen.
class polling_guard : public resource_guard {
public:
  polling_guard(pid_t root, const resource_limits& limits) : root_(root), limits_(limits) {}

  const char* means() const noexcept override { return "polling"; }

  resource_use look() override {
    resource_use out;
    std::size_t count = 0;
    std::uint64_t resident = 0;
    std::chrono::microseconds cpu{0};
    const auto tree = descendants_of(root_);
    for (const auto& entry : tree) {
      const auto folder = "/proc/" + std::to_string(entry.pid);
      resident += resident_bytes(folder);
      cpu += cpu_of(folder);
      count += threads_of(folder);
    }
    // What several processes share counts for each of them at first; only if that is too much it is worth the time to
    // count it once.
    if (limits_.memory_bytes && resident > *limits_.memory_bytes && tree.size() > 1) {
      resident = 0;
      for (const auto& entry : tree) {
        resident += proportional_bytes("/proc/" + std::to_string(entry.pid));
      }
    }
    out.memory_bytes = resident;
    peak_ = std::max(peak_, resident);
    cpu_ = std::max(cpu_, cpu);
    out.memory_peak = peak_;
    out.cpu = cpu_;
    out.out_of_memory = limits_.memory_bytes && resident > *limits_.memory_bytes;
    out.too_many_processes = limits_.processes && count > *limits_.processes;
    is_near_ = limits_.memory_bytes && resident > *limits_.memory_bytes / 2;
    return out;
  }

  std::optional<std::chrono::milliseconds> interval() const override { return is_near_ ? quick : slow; }

  void kill() override { signal_processes(descendants_of(root_), SIGKILL); }

private:
  static std::uint64_t resident_bytes(const std::string& folder) {
    const auto text = read_text(folder + "/statm").value_or("");
    unsigned long long size = 0;
    unsigned long long resident = 0;
    std::sscanf(text.c_str(), "%llu %llu", &size, &resident);
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  }

  static std::uint64_t proportional_bytes(const std::string& folder) {
    const auto text = read_text(folder + "/smaps_rollup").value_or("");
    const auto at = text.find("\nPss:");
    unsigned long long kib = 0;
    if (at == std::string::npos || std::sscanf(text.c_str() + at, "\nPss: %llu", &kib) != 1) {
      return resident_bytes(folder);
    }
    return kib * 1024;
  }

  /// Its own time and that of its children that have ended.
  static std::chrono::microseconds cpu_of(const std::string& folder) {
    const auto text = read_text(folder + "/stat").value_or("");
    const auto name_end = text.rfind(')');
    unsigned long long user = 0, system = 0, ended_user = 0, ended_system = 0;
    if (name_end == std::string::npos ||
        std::sscanf(text.c_str() + name_end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %llu %llu", &user,
                    &system, &ended_user, &ended_system) != 4) {
      return {};
    }
    const auto ticks = user + system + ended_user + ended_system;
    return std::chrono::microseconds{ticks * 1'000'000 / static_cast<unsigned long long>(::sysconf(_SC_CLK_TCK))};
  }

  static std::size_t threads_of(const std::string& folder) {
    const auto text = read_text(folder + "/status").value_or("");
    const auto at = text.find("\nThreads:");
    unsigned count = 1;
    if (at != std::string::npos) {
      std::sscanf(text.c_str() + at, "\nThreads: %u", &count);
    }
    return count;
  }

  pid_t root_;
  resource_limits limits_;
  std::uint64_t peak_ = 0;
  std::chrono::microseconds cpu_{0};
  bool is_near_ = false;
};

} // namespace

std::unique_ptr<resource_guard> make_polling_guard(pid_t root, const resource_limits& limits) {
  return std::make_unique<polling_guard>(root, limits);
}

} // namespace troupe
