#include "nodes/troupe/machine_look.hpp"

#include "nodes/troupe/daemon_process.hpp"

#include "runtime/config/run_user.hpp"
#include "runtime/config/settings.hpp"
#include "runtime/observer/resource_guard.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace troupe::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds answer_limit{3};

/// The first line that `program --version` prints; empty if it does not run, fails, or takes too long.
std::string version_line(const std::string& program) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
    return {};
  }
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&files, pipe[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::string name = program;
  std::string flag = "--version";
  std::array<char*, 3> words{name.data(), flag.data(), nullptr};
  pid_t pid = 0;
  const int problem = ::posix_spawnp(&pid, name.c_str(), &files, nullptr, words.data(), environ);
  ::posix_spawn_file_actions_destroy(&files);
  ::close(pipe[1]);
  std::string text;
  int status = -1;
  if (problem == 0) {
    const auto process = held_process::open_child(pid);
    const bool ended = process && process->wait_end(answer_limit);
    if (!ended) {
      ::kill(pid, SIGKILL);
    }
    ::waitpid(pid, &status, 0);
    std::array<char, 512> bytes{}; // a version that is longer than a pipe's buffer is none
    const auto count = ::read(pipe[0], bytes.data(), bytes.size());
    text.assign(bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  }
  ::close(pipe[0]);
  return status == 0 ? text.substr(0, text.find('\n')) : std::string{};
}

std::string why_not_writable(const fs::path& folder) {
  std::error_code failed;
  auto place = folder;
  while (!fs::exists(place, failed) && place.has_parent_path() && place != place.parent_path()) {
    place = place.parent_path(); // the daemon makes what is missing
  }
  if (!fs::is_directory(place, failed)) {
    return place.string() + " is no folder";
  }
  return ::access(place.c_str(), W_OK | X_OK) == 0 ? std::string{} : place.string() + ": " + std::strerror(errno);
}

bool is_free(const std::string& host, std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::inet_pton(AF_INET, host.c_str(), &where.sin_addr) != 1) {
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0 && ::listen(fd, 1) == 0;
  ::close(fd);
  return bound;
}

/// Tried in a child, which is thrown away with what it made.
bool can_make_namespaces() {
  const pid_t child = ::fork();
  if (child == 0) {
    const int flags = ::geteuid() == 0 ? CLONE_NEWPID : CLONE_NEWUSER | CLONE_NEWPID;
    ::_exit(::unshare(flags) == 0 ? 0 : 1);
  }
  int status = -1;
  return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

void look_at_cgroups(machine_facts& facts) {
  std::error_code failed;
  if (fs::exists("/sys/fs/cgroup/cgroup.controllers", failed)) {
    facts.cgroup_version = 2;
    facts.cgroup_writable = ::access("/sys/fs/cgroup/cgroup.procs", W_OK) == 0;
  } else if (fs::exists("/sys/fs/cgroup/memory/memory.limit_in_bytes", failed) ||
             fs::exists("/sys/fs/cgroup/memory/cgroup.procs", failed)) {
    facts.cgroup_version = 1;
    facts.cgroup_writable = ::access("/sys/fs/cgroup/memory", W_OK) == 0;
  }
  // As an observer chooses it; what was made for this look is gone after it.
  resource_limits some;
  some.memory_bytes = std::uint64_t{1} << 30;
  facts.limit_means = make_resource_guard("look-" + std::to_string(::getpid()), some)->means();
}

void look_at_config(const std::string& file, const command_context& context, machine_facts& facts) {
  auto request = load_request_of_this_process();
  if (!file.empty()) {
    request.files.emplace_back(file);
  }
  if (context.has_state_dir_flag()) {
    request.flags.push_back("state_dir=" + context.state_dir().string());
  }
  const auto loaded = load_settings(request);
  facts.config_problem = loaded ? std::string{} : loaded.error().text;
  const settings in_force = loaded ? *loaded : settings{};
  facts.python = in_force.python;
  facts.python_version = version_line(in_force.python);
  const auto user = in_force.tasks.user.empty() ? std::nullopt : std::optional{find_run_user(in_force.tasks.user)};
  const bool is_other = user && *user;
  facts.run_user = is_other ? (*user)->name + " (uid " + std::to_string((*user)->uid) + ")" : "uid " + std::to_string(::geteuid());
  facts.run_user_is_root = !is_other && ::geteuid() == 0;
  facts.uv = in_force.venvs.uv;
  const auto own = program_dir().parent_path() / "tools" / "bin" / in_force.venvs.uv;
  const bool is_name = in_force.venvs.uv.find('/') == std::string::npos;
  facts.uv_version = version_line(is_name && ::access(own.c_str(), X_OK) == 0 ? own.string() : in_force.venvs.uv);
  facts.needs_uv = in_force.venvs.tool == "uv";
  facts.socket_folder_length = in_force.folders.run.string().size();
  if (in_force.gateway.enabled && in_force.gateway.port != 0) {
    facts.ports.push_back({"gateway", in_force.gateway.port, is_free(in_force.gateway.host, in_force.gateway.port)});
  }
  if (in_force.bridge.port.value_or(0) != 0) {
    facts.ports.push_back({"bridge", *in_force.bridge.port, is_free(in_force.bridge.host, *in_force.bridge.port)});
  }
  if (const auto& scripts = in_force.script_server; scripts.port.value_or(0) != 0) {
    facts.ports.push_back({"script server", *scripts.port, is_free(scripts.host, *scripts.port)});
  }
}

void look_at_system(const command_context& context, machine_facts& facts) {
  const auto ready = read_ready_file(context.state_dir());
  if (!ready) {
    return;
  }
  facts.ready_pid = ready->pid;
  facts.daemon_lives = open_daemon(ready->pid).has_value();
  if (!facts.daemon_lives) {
    return;
  }
  const auto system = context.connect();
  const auto status = system ? system->status() : std::unexpected(system.error());
  if (!status) {
    facts.system_problem = status.error().text;
  } else if (const auto version = status->find("version"); version != status->end() && version->is_string()) {
    facts.system_version = version->get<std::string>();
  }
}

} // namespace

machine_facts look_at_machine(const std::string& config_file, const command_context& context) {
  machine_facts facts;
  facts.own_version = TROUPE_VERSION;
  const auto folder = program_dir();
  facts.program_dir = folder.string();
  for (const std::string name : {"trouped", "troupe-node", "troupe-observer"}) {
    const auto path = folder / name;
    const bool is_there = ::access(path.c_str(), X_OK) == 0;
    // only the daemon is a program for people and tells its version
    facts.programs.push_back({name, is_there, is_there && name == "trouped" ? version_line(path) : std::string{}});
  }
  look_at_config(config_file, context, facts);
  facts.state_dir = context.state_dir().string();
  facts.state_problem = why_not_writable(context.state_dir());
  facts.has_user_namespaces = can_make_namespaces();
  look_at_cgroups(facts);
  facts.has_pidfd = held_process::open_child(::getpid()).has_value();
  look_at_system(context, facts);
  return facts;
}

} // namespace troupe::cli
