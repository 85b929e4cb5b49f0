#include <runtime/observer/orphan_sweep.hpp>

#include <runtime/observer/cgroup_files.hpp>
#include <runtime/observer/process_tree.hpp>
#include <runtime/observer/run_plan.hpp>
#include <runtime/observer/run_remains.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <set>
#include <string_view>
#include <thread>

#include <unistd.h>

namespace troupe {
namespace {

constexpr std::chrono::milliseconds pause{10};
constexpr int most_rounds = 200;

bool is_dead(const std::string& runs_folder, const std::string& id) {
  const auto folder = runs_folder + "/" + id;
  return ::access(lock_file_of(folder).c_str(), F_OK) == 0 && static_cast<bool>(take_run_lock(folder));
}

void add_left_cgroups(const std::string& parent, std::set<std::string>& ids) {
  constexpr std::string_view prefix = "troupe-";
  std::error_code none;
  for (auto at = std::filesystem::directory_iterator{parent, none}; !none && at != std::filesystem::directory_iterator{};
       at.increment(none)) {
    const auto name = at->path().filename().string();
    if (name.starts_with(prefix)) {
      ids.insert(name.substr(prefix.size()));
    }
  }
}

} // namespace

std::size_t sweep_dead_runs(const std::string& runs_folder) {
  auto ids = marked_runs();
  const auto places = find_cgroups();
  for (const auto& parent : {places.memory, places.pids, places.cpuacct, places.unified + places.own}) {
    if (!parent.empty()) {
      add_left_cgroups(parent, ids);
    }
  }
  for (const auto& id : ids) { // of runs whose folders are gone, or are elsewhere
    if (id.find('/') == std::string::npos && ::access((runs_folder + "/" + id).c_str(), F_OK) != 0) {
      remove_old_cgroups_of(id);
    }
  }
  std::erase_if(ids, [&](const std::string& id) {
    return id.find('/') != std::string::npos || !is_dead(runs_folder, id);
  });
  std::size_t killed = 0;
  for (int round = 0; round < most_rounds && !ids.empty(); ++round) {
    for (auto id = ids.begin(); id != ids.end();) {
      const auto cgroups = kill_cgroups_of(*id);
      const auto reached = cgroups.killed + signal_processes(processes_of_run(*id, 0), SIGKILL);
      killed += round == 0 ? reached : 0;
      id = reached == 0 && cgroups.is_done ? ids.erase(id) : std::next(id);
    }
    if (!ids.empty()) {
      std::this_thread::sleep_for(pause);
    }
  }
  return killed;
}

} // namespace troupe
