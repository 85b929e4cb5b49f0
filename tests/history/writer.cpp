#include "tests/history/writer.hpp"

#include <cerrno>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace history {

namespace {

std::uint64_t now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(time.tv_nsec);
}

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), "the history cannot be kept: " + what);
}

} // namespace

writer::~writer() {
  try {
    ended();
  } catch (const std::exception&) {
    // A copy without an end is what the checker will see and say.
  }
}

void writer::open(const std::string& folder, std::string_view actor, std::string_view node) {
  if (file_ >= 0) {
    throw std::logic_error("this history has begun already");
  }
  const auto pid = std::to_string(getpid());
  // Several packages in one process number their copies apart, so the number is tried for.
  for (std::uint64_t number = now_ns(); file_ < 0; ++number) {
    const auto path = folder + "/" + std::string(actor) + "." + pid + "." + std::to_string(number) + file_suffix;
    file_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file_ < 0 && errno != EEXIST) {
      fail(path);
    }
    copy_ = std::string(node) + "/" + pid + "/" + std::to_string(number);
  }
  pending_.insert(pending_.end(), std::begin(file_magic), std::end(file_magic));
  const auto own = id_of(actor);
  const auto copy = id_of(copy_);
  append(kind::self, own, 0, copy);
  flush();
}

void writer::ended() {
  if (file_ >= 0) {
    put(kind::ended, {}, 0, 0);
    close(file_);
    file_ = -1;
  }
}

void writer::put(kind what, std::string_view peer, std::uint64_t seq, std::uint32_t count) {
  if (file_ < 0) {
    return;
  }
  const auto id = peer.empty() ? 0 : id_of(peer);
  append(what, id, seq, count);
  flush();
}

std::uint32_t writer::id_of(std::string_view name) {
  if (const auto known = ids_.find(name); known != ids_.end()) {
    return known->second;
  }
  const auto id = static_cast<std::uint32_t>(ids_.size() + 1);
  ids_.emplace(name, id);
  append(kind::name, id, 0, static_cast<std::uint32_t>(name.size()));
  pending_.insert(pending_.end(), name.begin(), name.end());
  pending_.insert(pending_.end(), padded(name.size()) - name.size(), '\0');
  return id;
}

void writer::append(kind what, std::uint32_t peer, std::uint64_t seq, std::uint32_t count) {
  const record made{now_ns(), seq, count, record::pack(what, peer)};
  const auto* bytes = reinterpret_cast<const char*>(&made);
  pending_.insert(pending_.end(), bytes, bytes + sizeof made);
}

void writer::flush() {
  std::size_t done = 0;
  while (done < pending_.size()) {
    const auto wrote = ::write(file_, pending_.data() + done, pending_.size() - done);
    if (wrote < 0 && errno != EINTR) {
      fail(copy_);
    }
    done += wrote > 0 ? static_cast<std::size_t>(wrote) : 0;
  }
  pending_.clear();
}

} // namespace history
