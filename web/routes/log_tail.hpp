#pragma once

#include <troupe/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace troupe {

/// Reads the end of a text file and then what is appended to it. A file that was replaced or cut is read from its new
/// start. Reads at most `max_piece` bytes a call. One thread.
class log_tail {
public:
  static constexpr std::size_t max_piece = 256u << 10;
  static constexpr std::size_t max_backlog = 4u << 20;

  explicit log_tail(std::string path) : path_(std::move(path)) {}
  log_tail(const log_tail&) = delete;
  log_tail& operator=(const log_tail&) = delete;
  ~log_tail();

  /// Goes to the start of the last `lines` lines (of at most `max_backlog` bytes).
  result<> seek_last(std::size_t lines);
  /// What follows; empty at the present end.
  result<std::string> read_more();

private:
  result<> open();
  void close();

  const std::string path_;
  int file_ = -1;
  std::uint64_t inode_ = 0;
  std::uint64_t offset_ = 0;
};

} // namespace troupe
