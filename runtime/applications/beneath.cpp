#include "runtime/applications/beneath.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace troupe {
namespace {

// not to wait for the other end of a pipe
constexpr int file_flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
constexpr int path_folder_flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

int open_by_kernel(int folder, const std::string& path, disk_patience patience) {
  open_how how{};
  how.flags = file_flags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  if (patience == disk_patience::none) {
    how.resolve |= RESOLVE_CACHED;
  }
  return static_cast<int>(::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how));
}

int open_by_steps(int folder, const std::vector<std::string>& parts) {
  unique_fd here{::fcntl(folder, F_DUPFD_CLOEXEC, 0)};
  for (std::size_t i = 0; here && i + 1 < parts.size(); ++i) {
    here = unique_fd{::openat(here.get(), parts[i].c_str(), path_folder_flags)};
  }
  return here ? ::openat(here.get(), parts.empty() ? "." : parts.back().c_str(), file_flags) : -1;
}

std::unexpected<error> not_there(const std::string& path) { return fail(error_code::not_found, "there is no " + path); }

} // namespace

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& part : parts) {
    out += (out.empty() ? "" : "/") + part;
  }
  return out.empty() ? "." : out;
}

result<beneath_entry> open_beneath(int folder, const std::vector<std::string>& parts, disk_patience patience) {
  static std::atomic<bool> kernel_can{true};
  const auto path = joined(parts);
  beneath_entry out;
  if (kernel_can) {
    out.fd = unique_fd{open_by_kernel(folder, path, patience)};
    if (!out.fd && (errno == ENOSYS || errno == EPERM || errno == EINVAL)) {
      kernel_can = false;
    } else if (!out.fd && errno == EAGAIN) {
      return fail(error_code::unavailable, path + " is not in memory");
    }
  }
  if (!kernel_can) {
    if (patience == disk_patience::none) {
      return fail(error_code::unavailable, path + " may have to be waited for");
    }
    out.fd = unique_fd{open_by_steps(folder, parts)};
  }
  struct stat info {};
  if (!out.fd || ::fstat(out.fd.get(), &info) != 0) {
    return errno == EMFILE || errno == ENFILE ? fail(error_code::io_error, "no descriptor is left") : not_there(path);
  }
  if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) {
    return not_there(path);
  }
  out.is_folder = S_ISDIR(info.st_mode);
  out.size = static_cast<std::uint64_t>(info.st_size);
  out.modified_s = info.st_mtim.tv_sec;
  out.tag = fmt::format("{:x}-{:x}-{:x}{:08x}-{:x}{:08x}", info.st_ino, info.st_size, info.st_mtim.tv_sec,
                        info.st_mtim.tv_nsec, info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
  return out;
}

result<std::string> read_at(int fd, std::uint64_t from, std::size_t size, disk_patience patience) {
  std::string out(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const iovec room{out.data() + have, size - have};
    const auto got = ::preadv2(fd, &room, 1, static_cast<off_t>(from + have), patience == disk_patience::none ? RWF_NOWAIT : 0);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      const bool would_wait = patience == disk_patience::none && (errno == EAGAIN || errno == EOPNOTSUPP);
      return fail(would_wait ? error_code::unavailable : error_code::io_error,
                  std::string{"the file cannot be read: "} + std::strerror(errno));
    }
    if (got == 0) {
      break;
    }
    have += static_cast<std::size_t>(got);
  }
  out.resize(have);
  return out;
}

} // namespace troupe
