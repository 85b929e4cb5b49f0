#include <runtime/observer/cgroup_files.hpp>

#include <runtime/process/unique_fd.hpp>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <ctime>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe {
namespace {

template <class Handle>
void for_lines(const std::string& text, Handle&& handle) {
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) {
    handle(line);
  }
}

bool names(const std::string& list, std::string_view word) {
  std::istringstream in{list};
  for (std::string one; std::getline(in, one, ',');) {
    if (one == word) {
      return true;
    }
  }
  return false;
}

/// The path of this process's cgroup in the hierarchy of a controller; none: that of version 2.
std::optional<std::string> own_path(const std::string& table, std::string_view controller) {
  std::optional<std::string> out;
  for_lines(table, [&](const std::string& line) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (second == std::string::npos) {
      return;
    }
    const auto list = line.substr(first + 1, second - first - 1);
    if (controller.empty() ? list.empty() : names(list, controller)) {
      out = line.substr(second + 1);
    }
  });
  return out;
}

std::string joined(const std::string& mount, const std::optional<std::string>& path) {
  return mount.empty() || !path ? "" : mount + (*path == "/" ? "" : *path);
}

} // namespace

std::optional<std::string> read_text(const std::string& file) {
  const unique_fd in{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!in) {
    return std::nullopt;
  }
  std::string out;
  char buffer[4096];
  for (;;) {
    const auto got = ::read(in.get(), buffer, sizeof buffer);
    if (got <= 0) {
      return got == 0 ? std::optional{std::move(out)} : std::nullopt;
    }
    out.append(buffer, static_cast<std::size_t>(got));
  }
}

std::optional<std::uint64_t> read_number(const std::string& file) {
  const auto text = read_text(file);
  std::uint64_t out = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), out).ec != std::errc{}) {
    return std::nullopt;
  }
  return out;
}

std::optional<std::uint64_t> read_keyed(const std::string& file, std::string_view key) {
  std::optional<std::uint64_t> out;
  for_lines(read_text(file).value_or(""), [&](const std::string& line) {
    std::uint64_t value = 0;
    if (line.starts_with(key) && line.size() > key.size() && line[key.size()] == ' ' &&
        std::from_chars(line.data() + key.size() + 1, line.data() + line.size(), value).ec == std::errc{}) {
      out = value;
    }
  });
  return out;
}

bool write_text(const std::string& file, std::string_view text) {
  const unique_fd out{::open(file.c_str(), O_WRONLY | O_CLOEXEC)};
  return out && ::write(out.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

std::vector<pid_t> read_pids(const std::string& file) {
  std::vector<pid_t> out;
  for_lines(read_text(file).value_or(""), [&](const std::string& line) {
    pid_t pid = 0;
    if (std::from_chars(line.data(), line.data() + line.size(), pid).ec == std::errc{} && pid > 0) {
      out.push_back(pid);
    }
  });
  return out;
}

cgroup_places find_cgroups() {
  cgroup_places out;
  const auto table = read_text("/proc/self/cgroup").value_or("");
  for_lines(read_text("/proc/self/mounts").value_or(""), [&](const std::string& line) {
    std::istringstream in{line};
    std::string device, mount, type, options;
    in >> device >> mount >> type >> options;
    if (type == "cgroup2" && out.unified.empty()) {
      out.unified = mount;
      out.own = own_path(table, "").value_or("/");
    } else if (type == "cgroup") {
      for (const auto& [name, place] : {std::pair{"memory", &out.memory}, {"pids", &out.pids}, {"cpuacct", &out.cpuacct}}) {
        if (names(options, name) && place->empty()) {
          *place = joined(mount, own_path(table, name));
        }
      }
    }
  });
  return out;
}

std::string cgroup_name_of(const std::string& run_id) {
  return "troupe-" + run_id;
}

void remove_cgroup(const std::string& folder) {
  constexpr int most_tries = 20;
  for (int tries = 0; tries < most_tries && ::rmdir(folder.c_str()) != 0 && errno == EBUSY; ++tries) {
    ::usleep(1'000);
  }
}

cgroup_sweep kill_cgroups_of(const std::string& run_id) {
  const auto places = find_cgroups();
  const auto name = "/" + cgroup_name_of(run_id);
  const auto parent = places.own.substr(0, places.own.rfind('/'));
  cgroup_sweep out;
  for (const auto& folder : {places.memory + name, places.pids + name, places.cpuacct + name,
                             places.unified + places.own + name, places.unified + parent + name}) {
    if (!folder.starts_with("/sys/")) {
      continue;
    }
    (void)write_text(folder + "/cgroup.kill", "1");
    (void)write_text(folder + "/pids.max", "0"); // nobody gets away by forking
    for (const auto pid : read_pids(folder + "/cgroup.procs")) {
      out.killed += ::kill(pid, SIGKILL) == 0 ? 1 : 0;
    }
    out.is_done = (::rmdir(folder.c_str()) == 0 || errno != EBUSY) && out.is_done;
  }
  return out;
}

void remove_old_cgroups_of(const std::string& run_id) {
  constexpr std::time_t least_age_s = 60; // an observer makes one a moment before it has a process
  const auto places = find_cgroups();
  const auto name = "/" + cgroup_name_of(run_id);
  const auto parent = places.own.substr(0, places.own.rfind('/'));
  for (const auto& folder : {places.memory + name, places.pids + name, places.cpuacct + name,
                             places.unified + places.own + name, places.unified + parent + name}) {
    struct stat about {};
    if (folder.starts_with("/sys/") && ::stat(folder.c_str(), &about) == 0 && about.st_ctime + least_age_s < std::time(nullptr)) {
      (void)::rmdir(folder.c_str());
    }
  }
}

} // namespace troupe
