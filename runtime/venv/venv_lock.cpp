#include "runtime/venv/venv_lock.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe {

result<std::optional<venv_lock>> venv_lock::try_take(const std::filesystem::path& file) {
  unique_fd opened{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!opened) {
    return fail(error_code::io_error, "cannot open the lock " + file.string() + ": " + std::strerror(errno));
  }
  if (::flock(opened.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      return std::optional<venv_lock>{};
    }
    return fail(error_code::io_error, "cannot lock " + file.string() + ": " + std::strerror(errno));
  }
  struct stat held {};
  struct stat named {};
  if (::fstat(opened.get(), &held) != 0 || ::stat(file.c_str(), &named) != 0 || held.st_ino != named.st_ino) {
    return std::optional<venv_lock>{}; // its file was removed meanwhile, so it protects nothing
  }
  return std::optional<venv_lock>{venv_lock{std::move(opened), file}};
}

void venv_lock::remove_file() const { ::unlink(path_.c_str()); }

} // namespace troupe
