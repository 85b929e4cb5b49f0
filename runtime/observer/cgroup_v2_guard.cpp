#include <runtime/observer/cgroup_files.hpp>
#include <runtime/observer/resource_guard.hpp>

#include <runtime/process/unique_fd.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>

namespace troupe {
namespace {

bool has_word(const std::string& text, const std::string& word) {
  return (" " + text + " ").find(" " + word + " ") != std::string::npos ||
         (" " + text).find(" " + word + "\n") != std::string::npos;
}

class cgroup_v2_guard : public resource_guard {
public:
  explicit cgroup_v2_guard(std::string folder) : folder_(std::move(folder)) {}
  ~cgroup_v2_guard() override { remove_cgroup(folder_); }

  result<> set_up(const resource_limits& limits) {
    if (limits.memory_bytes && !write_text(folder_ + "/memory.max", std::to_string(*limits.memory_bytes))) {
      return fail(error_code::not_supported, "no memory controller in " + folder_);
    }
    (void)write_text(folder_ + "/memory.swap.max", "0");
    (void)write_text(folder_ + "/memory.oom.group", "1");
    if (limits.processes) {
      (void)write_text(folder_ + "/pids.max", std::to_string(*limits.processes));
    }
    door_.reset(::open((folder_ + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    if (!door_) {
      return fail(error_code::not_supported, "no process may be put into " + folder_ + ": " + std::strerror(errno));
    }
    news_.reset(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    ::inotify_add_watch(news_.get(), (folder_ + "/memory.events").c_str(), IN_MODIFY);
    return {};
  }

  const char* means() const noexcept override { return "cgroup v2"; }
  std::vector<int> doors() const override { return {door_.get()}; }
  int news() const override { return news_.get(); }
  void take_news() override {
    char buffer[4096];
    while (::read(news_.get(), buffer, sizeof buffer) > 0) {
    }
  }

  resource_use look() override {
    resource_use out;
    out.memory_bytes = read_number(folder_ + "/memory.current").value_or(0);
    peak_ = std::max({peak_, out.memory_bytes, read_number(folder_ + "/memory.peak").value_or(0)});
    out.memory_peak = peak_;
    out.cpu = std::chrono::microseconds{read_keyed(folder_ + "/cpu.stat", "usage_usec").value_or(0)};
    out.out_of_memory = read_keyed(folder_ + "/memory.events", "oom_kill").value_or(0) > 0;
    return out;
  }

  void kill() override {
    if (!write_text(folder_ + "/cgroup.kill", "1")) {
      (void)write_text(folder_ + "/pids.max", "0");
      for (const auto pid : read_pids(folder_ + "/cgroup.procs")) {
        ::kill(pid, SIGKILL);
      }
    }
  }

private:
  std::string folder_;
  unique_fd door_;
  unique_fd news_;
  std::uint64_t peak_ = 0;
};

} // namespace

std::vector<std::string> cgroup_v2_roots(const cgroup_places& places) {
  std::vector<std::string> out;
  if (places.unified.empty()) {
    return out;
  }
  const auto own = places.unified + (places.own == "/" ? "" : places.own);
  const auto controllers = read_text(own + "/cgroup.controllers").value_or("");
  if (!has_word(controllers, "memory")) {
    return out;
  }
  // A cgroup that holds processes may not hand its controllers down, unless it is the root; its parent does already.
  if (has_word(read_text(own + "/cgroup.subtree_control").value_or(""), "memory") ||
      write_text(own + "/cgroup.subtree_control", "+memory +pids")) {
    out.push_back(own);
  }
  if (places.own != "/") {
    out.push_back(own.substr(0, own.rfind('/')));
  }
  return out;
}

result<std::unique_ptr<resource_guard>> make_cgroup_v2_guard(const std::string& root, const std::string& run_id,
                                                             const resource_limits& limits) {
  const auto folder = root + "/" + cgroup_name_of(run_id);
  if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
    return fail(error_code::not_supported, "no cgroup can be made in " + root + ": " + std::strerror(errno));
  }
  auto made = std::make_unique<cgroup_v2_guard>(folder);
  if (auto done = made->set_up(limits); !done) {
    return std::unexpected(done.error());
  }
  return made;
}

} // namespace troupe
