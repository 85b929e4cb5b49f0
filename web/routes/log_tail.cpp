#include "web/routes/log_tail.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe {

log_tail::~log_tail() { close(); }

void log_tail::close() {
  if (file_ >= 0) {
    ::close(file_);
    file_ = -1;
  }
}

result<> log_tail::open() {
  close();
  file_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat facts {};
  if (file_ < 0 || ::fstat(file_, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    const std::string why = file_ < 0 ? std::strerror(errno) : "it is not a regular file";
    close();
    return fail(error_code::not_found, "the log " + path_ + " cannot be read: " + why);
  }
  inode_ = facts.st_ino;
  offset_ = 0;
  return {};
}

result<> log_tail::seek_last(std::size_t lines) {
  if (auto opened = open(); !opened) {
    return opened;
  }
  struct stat facts {};
  ::fstat(file_, &facts);
  const auto size = static_cast<std::uint64_t>(facts.st_size);
  const std::uint64_t floor = size - std::min<std::uint64_t>(size, max_backlog);
  std::uint64_t start = size;
  std::size_t found = 0;
  std::string block;
  while (start > floor) {
    const auto length = std::min<std::uint64_t>(start - floor, 64u << 10);
    block.resize(length);
    const ssize_t got = ::pread(file_, block.data(), length, static_cast<off_t>(start - length));
    if (got != static_cast<ssize_t>(length)) {
      break;
    }
    for (std::size_t at = length; at-- > 0;) {
      const std::uint64_t place = start - length + at;
      if (block[at] == '\n' && place + 1 != size && ++found == lines) {
        offset_ = place + 1;
        return {};
      }
    }
    start -= length;
  }
  offset_ = lines == 0 ? size : start;
  return {};
}

result<std::string> log_tail::read_more() {
  std::string piece(max_piece, '\0');
  const ssize_t got = ::pread(file_, piece.data(), piece.size(), static_cast<off_t>(offset_));
  if (got < 0) {
    return fail(error_code::io_error, "the log " + path_ + " cannot be read: " + std::strerror(errno));
  }
  piece.resize(static_cast<std::size_t>(got));
  offset_ += static_cast<std::uint64_t>(got);
  if (got == 0) {
    struct stat now {};
    struct stat mine {};
    const bool replaced = ::stat(path_.c_str(), &now) == 0 && now.st_ino != inode_;
    const bool cut = ::fstat(file_, &mine) == 0 && static_cast<std::uint64_t>(mine.st_size) < offset_;
    if (replaced) {
      if (auto opened = open(); !opened) {
        return std::unexpected(opened.error());
      }
    } else if (cut) {
      offset_ = 0;
    }
  }
  return piece;
}

} // namespace troupe
