#include <runtime/observer/cgroup_files.hpp>
#include <runtime/observer/resource_guard.hpp>

#include <runtime/process/unique_fd.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

namespace troupe {
namespace {

/// Cgroups of the run in up to three hierarchies. Only that of the memory must be there.
class cgroup_v1_guard : public resource_guard {
public:
  ~cgroup_v1_guard() override {
    for (const auto& folder : {memory_, pids_, cpu_}) {
      if (!folder.empty()) {
        remove_cgroup(folder);
      }
    }
  }

  result<> set_up(const cgroup_places& places, const std::string& name, const resource_limits& limits) {
    memory_ = make(places.memory, name);
    if (memory_.empty()) {
      return fail(error_code::not_supported, "no cgroup can be made in the memory hierarchy" +
                                               (places.memory.empty() ? ", which is not mounted"
                                                                      : " at " + places.memory + ": " + std::strerror(errno)));
    }
    if (limits.memory_bytes) {
      const auto bytes = std::to_string(*limits.memory_bytes);
      if (!write_text(memory_ + "/memory.limit_in_bytes", bytes)) {
        return fail(error_code::not_supported, "the memory of " + memory_ + " cannot be limited: " + std::strerror(errno));
      }
      (void)write_text(memory_ + "/memory.memsw.limit_in_bytes", bytes); // with swap, where it is counted
      hear_of_the_limit();
    }
    pids_ = make(places.pids, name);
    if (!pids_.empty() && limits.processes) {
      (void)write_text(pids_ + "/pids.max", std::to_string(*limits.processes));
    }
    cpu_ = make(places.cpuacct, name);
    return doors_.empty() ? fail(error_code::not_supported, "no process may be put into " + memory_) : result<>{};
  }

  const char* means() const noexcept override { return "cgroup v1"; }
  std::vector<int> doors() const override {
    std::vector<int> out;
    for (const auto& door : doors_) {
      out.push_back(door.get());
    }
    return out;
  }
  int news() const override { return news_.get(); }
  void take_news() override {
    std::uint64_t count = 0;
    (void)!::read(news_.get(), &count, sizeof count);
  }

  resource_use look() override {
    resource_use out;
    out.memory_bytes = read_number(memory_ + "/memory.usage_in_bytes").value_or(0);
    peak_ = std::max({peak_, out.memory_bytes, read_number(memory_ + "/memory.max_usage_in_bytes").value_or(0)});
    out.memory_peak = peak_;
    if (!cpu_.empty()) {
      out.cpu = std::chrono::microseconds{read_number(cpu_ + "/cpuacct.usage").value_or(0) / 1000};
    }
    out.out_of_memory = read_keyed(memory_ + "/memory.oom_control", "oom_kill").value_or(0) > 0;
    return out;
  }

  void kill() override {
    if (!pids_.empty()) {
      (void)write_text(pids_ + "/pids.max", "0"); // nobody gets away by forking
    }
    for (const auto pid : read_pids(memory_ + "/cgroup.procs")) {
      ::kill(pid, SIGKILL);
    }
  }

private:
  std::string make(const std::string& parent, const std::string& name) {
    const auto folder = parent + "/" + name;
    if (parent.empty() || (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST)) {
      return {};
    }
    // By `tasks` a process with one thread moves itself at once; by `cgroup.procs` the kernel waits some 10 ms first.
    unique_fd door{::open((folder + "/tasks").c_str(), O_WRONLY | O_CLOEXEC)};
    if (!door) {
      ::rmdir(folder.c_str());
      return {};
    }
    doors_.push_back(std::move(door));
    return folder;
  }

  void hear_of_the_limit() {
    news_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    const unique_fd control{::open((memory_ + "/memory.oom_control").c_str(), O_RDONLY | O_CLOEXEC)};
    if (!write_text(memory_ + "/cgroup.event_control",
                    std::to_string(news_.get()) + " " + std::to_string(control.get()))) {
      news_.reset();
    }
  }

  std::string memory_;
  std::string pids_;
  std::string cpu_;
  std::vector<unique_fd> doors_;
  unique_fd news_;
  std::uint64_t peak_ = 0;
};

} // namespace

result<std::unique_ptr<resource_guard>> make_cgroup_v1_guard(const cgroup_places& places, const std::string& run_id,
                                                             const resource_limits& limits) {
  auto made = std::make_unique<cgroup_v1_guard>();
  if (auto done = made->set_up(places, cgroup_name_of(run_id), limits); !done) {
    return std::unexpected(done.error());
  }
  return made;
}

} // namespace troupe
