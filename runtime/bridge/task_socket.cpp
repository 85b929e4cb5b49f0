#include <runtime/bridge/task_socket.hpp>

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace troupe {
namespace {

using place = task_socket::place;

unique_fd open_below(const unique_fd& folder, const char* name, int flags) {
  return unique_fd{::openat(folder.get(), name, O_PATH | O_NOFOLLOW | O_CLOEXEC | flags)};
}

bool is_socket(const unique_fd& file) {
  struct stat facts {};
  return ::fstat(file.get(), &facts) == 0 && S_ISSOCK(facts.st_mode);
}

/// By the open file, whatever its path is by now: what was looked at is what is connected to.
unique_fd connect_to(const unique_fd& file) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  std::snprintf(where.sun_path, sizeof where.sun_path, "/proc/self/fd/%d", file.get());
  unique_fd out{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!out || ::connect(out.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
    return {};
  }
  return out;
}

} // namespace

task_socket connect_to_task(const std::string& runs_folder, const std::string& pid) {
  const unique_fd runs{::open(runs_folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  const auto run = open_below(runs, pid.c_str(), O_DIRECTORY);
  if (!run) {
    return {place::unknown, {}};
  }
  if (::faccessat(run.get(), "result.json", F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
    return {place::over, {}};
  }
  const auto work = open_below(run, "work", O_DIRECTORY);
  const auto file = work ? open_below(work, bridge_socket_name, 0) : unique_fd{};
  if (!file || !is_socket(file)) {
    return {place::not_listening, {}};
  }
  auto socket = connect_to(file);
  return socket ? task_socket{place::connected, std::move(socket)} : task_socket{place::not_listening, {}};
}

void remove_task_socket(const std::string& runs_folder, const std::string& pid) {
  const unique_fd runs{::open(runs_folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  const auto run = open_below(runs, pid.c_str(), O_DIRECTORY);
  const auto work = run ? open_below(run, "work", O_DIRECTORY) : unique_fd{};
  const auto file = work ? open_below(work, bridge_socket_name, 0) : unique_fd{};
  if (file && is_socket(file)) {
    ::unlinkat(work.get(), bridge_socket_name, 0);
  }
}

} // namespace troupe
