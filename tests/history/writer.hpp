#pragma once

#include "tests/history/record.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace history {

/// The history of one copy of an actor, in a file of its own. Each call is one `write` with O_APPEND: what it says is
/// with the kernel before the call returns, so that a SIGKILL of the process loses nothing that others may have seen.
/// Until `open` was called every call does nothing. To be used by one thread at a time. A history that cannot be
/// written throws: a test must not pass for want of evidence.
class writer {
public:
  writer() = default;
  /// Notes the end of the copy.
  ~writer();
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;

  /// Begins a file in `folder` for a new copy of `actor` on `node`.
  void open(const std::string& folder, std::string_view actor, std::string_view node);
  bool is_open() const noexcept { return file_ >= 0; }
  /// `<node>/<pid>/<number of the file>`; empty until `open`.
  const std::string& copy() const noexcept { return copy_; }

  void stream(std::string_view name) { put(kind::stream, name, 0, 0); }
  void born() { put(kind::born, {}, 0, 0); }
  void active() { put(kind::active, {}, 0, 0); }
  void ended();
  /// Before the messages are given to the system.
  void sent(std::string_view to, std::uint64_t first, std::uint32_t count = 1) { put(kind::sent, to, first, count); }
  void refused(std::string_view to, std::uint64_t first, std::uint32_t count = 1) {
    put(kind::refused, to, first, count);
  }
  /// Before anything is done with the message.
  void received(std::string_view stream, std::uint64_t seq) { put(kind::received, stream, seq, 1); }
  void answered(std::string_view by, std::uint64_t seq) { put(kind::answered, by, seq, 1); }
  void reported(std::string_view to, std::uint64_t first, std::uint32_t count = 1) {
    put(kind::reported, to, first, count);
  }
  void timed_out(std::string_view to, std::uint64_t seq) { put(kind::timed_out, to, seq, 1); }

private:
  void put(kind what, std::string_view peer, std::uint64_t seq, std::uint32_t count);
  std::uint32_t id_of(std::string_view name);
  void append(kind what, std::uint32_t peer, std::uint64_t seq, std::uint32_t count);
  void flush();

  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };

  int file_ = -1;
  std::string copy_;
  std::unordered_map<std::string, std::uint32_t, text_hash, std::equal_to<>> ids_;
  std::vector<char> pending_;
};

} // namespace history
