#include "runtime/venv/durable_file.hpp"

#include "runtime/process/unique_fd.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>

namespace troupe {

namespace {

std::unexpected<error> refused(const char* what, const std::filesystem::path& file) {
  return fail(error_code::io_error, std::string{what} + " " + file.string() + ": " + std::strerror(errno));
}

void sync_folder(const std::filesystem::path& folder) {
  const unique_fd opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (opened) {
    ::fsync(opened.get());
  }
}

} // namespace

result<> write_durably(const std::filesystem::path& file, std::string_view text) {
  const auto beside = file.string() + ".new";
  const unique_fd opened{::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
  if (!opened) {
    return refused("cannot write", beside);
  }
  while (!text.empty()) {
    const auto written = ::write(opened.get(), text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return refused("cannot write", beside);
    }
    text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
  if (::fsync(opened.get()) != 0 || ::rename(beside.c_str(), file.c_str()) != 0) {
    return refused("cannot write", file);
  }
  sync_folder(file.parent_path());
  return {};
}

result<> remove_durably(const std::filesystem::path& file) {
  if (::unlink(file.c_str()) != 0) {
    return errno == ENOENT || errno == ENOTDIR ? result<>{} : refused("cannot remove", file);
  }
  sync_folder(file.parent_path());
  return {};
}

std::string read_small_file(const std::filesystem::path& file, std::size_t most) {
  const unique_fd opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat info {};
  if (!opened || ::fstat(opened.get(), &info) != 0 || !S_ISREG(info.st_mode) ||
      static_cast<std::size_t>(info.st_size) > most) {
    return {};
  }
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const auto got = ::read(opened.get(), text.data() + have, text.size() - have);
    if (got <= 0) {
      break;
    }
    have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  return text;
}

} // namespace troupe
