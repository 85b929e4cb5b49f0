#include "nodes/troupe-node/node_output.hpp"

#include "runtime/process/unique_fd.hpp"

#include <atomic>
#include <cerrno>
#include <mutex>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe {

namespace {

constexpr int held_bytes = 1 << 20; ///< of each pipe, as far as the system allows

/// Our standard output or error, a pipe to the daemon.
class output_pipe {
public:
  constexpr explicit output_pipe(int number) : number_(number) {}

  /// One write per line: pieces of two lines never mix as long as they fit the pipe's atomic size.
  void write_line(std::string_view head, std::string_view text) {
    std::string line{cut_.exchange(false) ? "\n" : ""};
    line += head;
    const auto begin = line.size();
    line += text;
    for (auto at = begin; at < line.size(); ++at) {
      line[at] = line[at] == '\n' ? ' ' : line[at];
    }
    line += '\n';
    std::string_view left{line};
    while (!left.empty()) {
      const auto written = ::write(number_, left.data(), left.size());
      if (written > 0) {
        left.remove_prefix(static_cast<std::size_t>(written));
      } else if (written < 0 && errno == EPIPE && hold()) {
        continue; // nobody reads any more: the daemon is gone
      } else if (written < 0 && errno != EINTR) {
        cut_ = left.size() != line.size();
        ++dropped_;
        return;
      }
    }
  }

  /// Keeps the pipe alive with a read end of our own. False if that is so already, or is not possible.
  bool hold() {
    std::lock_guard lock{mutex_};
    if (reader_) {
      return false;
    }
    struct stat found {};
    if (::fstat(number_, &found) != 0 || !S_ISFIFO(found.st_mode)) {
      return false;
    }
    const auto path = "/proc/self/fd/" + std::to_string(number_);
    reader_.reset(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!reader_) {
      return false;
    }
    ::fcntl(number_, F_SETPIPE_SZ, held_bytes);
    ::fcntl(number_, F_SETFL, ::fcntl(number_, F_GETFL) | O_NONBLOCK);
    return true;
  }

  std::uint64_t release() {
    std::lock_guard lock{mutex_};
    if (reader_) {
      ::fcntl(number_, F_SETFL, ::fcntl(number_, F_GETFL) & ~O_NONBLOCK);
      reader_.reset();
    }
    return dropped_.exchange(0);
  }

private:
  int number_;
  std::mutex mutex_;
  unique_fd reader_;
  std::atomic<bool> cut_{false};
  std::atomic<std::uint64_t> dropped_{0};
};

/// For the whole life of the process: whoever prints last may be a library's thread.
output_pipe& out() {
  static auto& pipe = *new output_pipe{STDOUT_FILENO};
  return pipe;
}

output_pipe& err() {
  static auto& pipe = *new output_pipe{STDERR_FILENO};
  return pipe;
}

} // namespace

void print_line(std::string_view line) { out().write_line({}, line); }

void log_line(log_level level, std::string_view text) {
  constexpr std::string_view heads[]{"D ", "I ", "W ", "E "};
  err().write_line(heads[static_cast<int>(level)], text);
}

void hold_output() {
  out().hold();
  err().hold();
}

void release_output() {
  const auto dropped = out().release() + err().release();
  if (dropped != 0) {
    log_line(log_level::warning, std::to_string(dropped) + " lines were dropped while there was no daemon to take them");
  }
}

} // namespace troupe
