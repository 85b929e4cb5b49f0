#include "nodes/trouped/state_folder.hpp"

#include "runtime/config/run_user.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t longest_socket_path = 107;
constexpr std::size_t socket_name_room = 80; ///< "/<process>.daemon.sock"

result<> make_folder(const fs::path& path, mode_t mode) {
  std::error_code problem;
  fs::create_directories(path, problem);
  if (problem || ::access(path.c_str(), W_OK | X_OK) != 0) {
    return fail(error_code::io_error, fmt::format("the folder {} cannot be written ({}); choose another with --state-dir",
                                                  path.string(), problem ? problem.message() : std::strerror(errno)));
  }
  ::chmod(path.c_str(), mode);
  return {};
}

/// A short folder for the sockets of a state folder whose own path is too long for them. Always the same one, so that a
/// daemon that was killed leaves nothing that the next does not find. The caller holds the state folder's lock.
result<fs::path> make_short_folder(const fs::path& of) {
  const auto* runtime = std::getenv("XDG_RUNTIME_DIR");
  const fs::path parent = runtime != nullptr && runtime[0] == '/' && std::strlen(runtime) < 20 ? runtime : "/tmp";
  std::error_code ignored;
  const auto whole = fs::weakly_canonical(of, ignored).string();
  const auto path = parent / fmt::format("troupe-{}-{:x}", ::getuid(), std::hash<std::string>{}(whole));
  struct stat found {};
  if (::lstat(path.c_str(), &found) == 0 && found.st_uid == ::getuid() && S_ISDIR(found.st_mode)) {
    ::chmod(path.c_str(), 0700);
    return path; // nodes that outlived a daemon have their sockets in it
  }
  if (::mkdir(path.c_str(), 0700) != 0) {
    return fail(error_code::io_error, fmt::format("the folder {} for sockets cannot be made ({}); remove it, or choose a "
                                                  "shorter --state-dir",
                                                  path.string(), std::strerror(errno)));
  }
  return path;
}

/// Lets the user of runs pass through to what runs need. What else is in these folders is closed by its own rights.
result<> open_to_user(const settings& config) {
  const auto user = find_run_user(config.tasks.user);
  if (!user) {
    return std::unexpected(user.error());
  }
  constexpr mode_t pass = 0710;
  constexpr mode_t read = 0750;
  for (const auto& [path, mode] : {std::pair{&config.state_dir, pass}, std::pair{&config.folders.runs, pass},
                                   std::pair{&config.folders.scripts, read}}) {
    if (::chown(path->c_str(), static_cast<uid_t>(-1), user->gid) != 0 || ::chmod(path->c_str(), mode) != 0) {
      return fail(error_code::io_error, fmt::format("the folder {} cannot be opened to the user {} of runs ({})", path->string(),
                                                    user->name, std::strerror(errno)));
    }
  }
  return {};
}

std::string holder_of(int lock) {
  char text[32]{};
  const auto size = ::pread(lock, text, sizeof(text) - 1, 0);
  return size > 0 ? std::string{text, static_cast<std::size_t>(size)} : "unknown";
}

} // namespace

result<> write_file_atomically(const fs::path& path, const std::string& content, int mode) {
  const auto temporary = path.string() + ".new";
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (file < 0) {
    return fail(error_code::io_error, fmt::format("{} cannot be written: {}", temporary, std::strerror(errno)));
  }
  const bool written = ::write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size());
  const bool synced = written && ::fsync(file) == 0;
  ::close(file);
  if (!synced || ::rename(temporary.c_str(), path.c_str()) != 0) {
    return fail(error_code::io_error, fmt::format("{} cannot be written: {}", path.string(), std::strerror(errno)));
  }
  return {};
}

result<state_folder> state_folder::open(settings& config) {
  const auto path = config.state_dir;
  if (auto made = make_folder(path, 0700); !made) {
    return std::unexpected(made.error());
  }
  const int lock = ::open((path / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) {
    return fail(error_code::io_error, fmt::format("{} cannot be opened: {}", (path / "lock").string(), std::strerror(errno)));
  }
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    auto text = fmt::format("a daemon (pid {}) already runs on {}; end it with `troupe --state-dir {} down`, or choose "
                            "another folder with --state-dir",
                            holder_of(lock), path.string(), path.string());
    ::close(lock);
    return fail(error_code::conflict, std::move(text));
  }
  const auto pid = std::to_string(::getpid());
  if (::ftruncate(lock, 0) != 0 || ::pwrite(lock, pid.data(), pid.size(), 0) < 0) {
    ::close(lock);
    return fail(error_code::io_error, fmt::format("{} cannot be written: {}", (path / "lock").string(), std::strerror(errno)));
  }
  state_folder folder{path, lock};
  for (const auto* needed : {&config.folders.log, &config.folders.runs, &config.folders.scripts}) {
    if (auto made = make_folder(*needed, 0700); !made) {
      return std::unexpected(made.error());
    }
  }
  if (config.folders.run.string().size() + socket_name_room > longest_socket_path) {
    auto short_run = make_short_folder(path);
    if (!short_run) {
      return std::unexpected(short_run.error());
    }
    folder.short_run_ = *short_run;
    config.folders.run = *short_run;
  }
  if (auto made = make_folder(config.folders.run, 0700); !made) {
    return std::unexpected(made.error());
  }
  // SQLite gives its other files the rights of the first one.
  const auto base = path / "system.db";
  if (const int file = ::open(base.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600); file >= 0) {
    ::fchmod(file, 0600);
    ::close(file);
  }
  for (const char* beside : {"system.db-wal", "system.db-shm"}) {
    ::chmod((path / beside).c_str(), 0600);
  }
  if (!config.tasks.user.empty()) {
    if (auto opened = open_to_user(config); !opened) {
      return std::unexpected(opened.error());
    }
  }
  return folder;
}

state_folder::state_folder(state_folder&& other) noexcept
  : path_(std::move(other.path_)), short_run_(std::exchange(other.short_run_, {})), lock_(std::exchange(other.lock_, -1)),
    has_ended_(other.has_ended_) {}

state_folder::~state_folder() {
  if (lock_ < 0) {
    return;
  }
  if (!short_run_.empty()) {
    std::error_code ignored;
    if (has_ended_) {
      fs::remove_all(short_run_, ignored);
    } else {
      fs::remove(short_run_, ignored); // only if nothing is in it
    }
  }
  ::close(lock_);
}

result<std::uint32_t> state_folder::next_incarnation() {
  std::uint32_t last = 0;
  std::ifstream{path_ / "incarnation"} >> last;
  if (auto written = write_file_atomically(path_ / "incarnation", std::to_string(last + 1) + "\n", 0600); !written) {
    return std::unexpected(written.error());
  }
  return last + 1;
}

result<> state_folder::write_ready(const json& content) {
  return write_file_atomically(path_ / "ready.json", content.dump(2) + "\n", 0600);
}

void state_folder::remove_ready() {
  ::unlink((path_ / "ready.json").c_str());
  has_ended_ = true;
}

bool state_folder::owns(const fs::path& run_folder) const {
  return run_folder == short_run_ || run_folder.parent_path() == path_;
}

} // namespace troupe
