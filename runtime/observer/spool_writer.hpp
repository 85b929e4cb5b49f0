#pragma once

#include <runtime/observer/run_result.hpp>
#include <runtime/observer/spool_format.hpp>
#include <runtime/process/unique_fd.hpp>

#include <string_view>

namespace troupe {

/// Appends output to a run's spool. Above the limit, or when the disk is full, one `cut` record says so and the rest is
/// only counted: a script is never held up or ended by its output.
class spool_writer {
public:
  /// The file must not exist yet.
  static result<spool_writer> create(const std::string& file, std::uint64_t limit);

  void write(spool_stream stream, std::chrono::nanoseconds at, std::string_view data);
  /// A record that is no output of the script and counts for no limit.
  void note(std::string_view text) { (void)append(spool_stream::note, std::chrono::nanoseconds{0}, text); }

  /// Output that is not to be kept.
  void count(spool_stream stream, std::size_t bytes) noexcept {
    (stream == spool_stream::out ? progress_.out_bytes : progress_.err_bytes) += bytes;
  }

  const run_progress& progress() const noexcept { return progress_; }
  bool is_cut() const noexcept { return cut_; }

private:
  bool append(spool_stream stream, std::chrono::nanoseconds at, std::string_view data);
  void cut(std::chrono::nanoseconds at, std::string why);

  unique_fd file_;
  std::uint64_t limit_ = 0;
  std::uint64_t size_ = 0;
  bool cut_ = false;
  run_progress progress_;
};

} // namespace troupe
