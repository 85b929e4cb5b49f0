#include <runtime/observer/spool_writer.hpp>

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/uio.h>

namespace troupe {

result<spool_writer> spool_writer::create(const std::string& file, std::uint64_t limit) {
  spool_writer out;
  out.file_.reset(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600));
  if (!out.file_) {
    return fail(error_code::io_error, "cannot make the output file " + file + ": " + std::strerror(errno));
  }
  out.limit_ = limit;
  return out;
}

void spool_writer::write(spool_stream stream, std::chrono::nanoseconds at, std::string_view data) {
  count(stream, data.size());
  while (!cut_ && !data.empty()) {
    auto piece = data.substr(0, spool_header::max_data);
    const auto room = limit_ > size_ + spool_header::size ? limit_ - size_ - spool_header::size : 0;
    const bool is_over = piece.size() > room;
    if (is_over) {
      piece = piece.substr(0, room);
    }
    if (!piece.empty() && !append(stream, at, piece)) {
      cut(at, std::string{"[the output was cut here: it cannot be written: "} + std::strerror(errno) + "]\n");
      return;
    }
    if (is_over) {
      cut(at, "[the output was cut here: its limit of " + std::to_string(limit_) +
                " bytes was reached; the script runs on, its further output is not kept]\n");
      return;
    }
    data.remove_prefix(piece.size());
  }
}

bool spool_writer::append(spool_stream stream, std::chrono::nanoseconds at, std::string_view data) {
  const auto header = spool_header{static_cast<std::uint32_t>(data.size()), stream, at}.encode();
  const iovec parts[2] = {{const_cast<unsigned char*>(header.data()), header.size()},
                          {const_cast<char*>(data.data()), data.size()}};
  ssize_t written = 0;
  do {
    written = ::writev(file_.get(), parts, 2);
  } while (written < 0 && errno == EINTR);
  const auto whole = header.size() + data.size();
  if (written != static_cast<ssize_t>(whole)) {
    if (written >= 0) {
      errno = ENOSPC;
    }
    const int problem = errno;
    (void)!::ftruncate(file_.get(), static_cast<off_t>(size_)); // half a record would end the readable part
    errno = problem;
    return false;
  }
  size_ += whole;
  ++progress_.records;
  return true;
}

void spool_writer::cut(std::chrono::nanoseconds at, std::string why) {
  cut_ = true;
  (void)append(spool_stream::cut, at, why);
}

} // namespace troupe
