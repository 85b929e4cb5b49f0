#pragma once

#include <runtime/observer/spool_format.hpp>
#include <runtime/process/unique_fd.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// Reads a spool while it grows, from any record on. Keeps the place of every 1024th record it has passed and of the
/// last one read, so reading on is immediate and memory stays small. A record that is not yet whole counts as absent.
class spool_reader {
public:
  explicit spool_reader(std::string file) : file_name_(std::move(file)) {}

  /// The records from `from` on: at least one if there is one, then up to `max_bytes` of data and `max_records`.
  std::vector<spool_record> read(std::uint64_t from, std::size_t max_bytes, std::size_t max_records);

  /// Lets go of the file until the next read.
  void rest() { file_.reset(); }

private:
  struct place {
    std::uint64_t seq = 0;
    std::uint64_t offset = 0;
  };

  static constexpr std::uint64_t stride = 1024;

  bool open();
  bool seek(std::uint64_t seq);
  bool load(std::uint64_t offset, std::size_t size);
  void step(std::uint32_t length);

  std::string file_name_;
  unique_fd file_;
  place here_;
  std::vector<std::uint64_t> index_{0}; // offset of record i * stride
  std::string window_;
  std::uint64_t window_offset_ = 0;
};

} // namespace troupe
