#pragma once

#include "runtime/process/unique_fd.hpp"

#include <chrono>
#include <filesystem>

namespace troupe {

/// Tells whether anything may have changed in a folder since it was last asked: by inotify, and where that fails, or the
/// folder is not there, by saying so every `scan_every`. Has no thread; one thread at a time.
class folder_watch {
public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds scan_every{5};

  explicit folder_watch(std::filesystem::path folder, bool use_inotify = true);

  /// True the first time.
  bool has_changed(time_point now);
  /// Whether changes are told by the system.
  bool is_told() const noexcept { return watch_ >= 0; }

private:
  bool begin();
  bool take_events();

  std::filesystem::path folder_;
  unique_fd events_;
  int watch_ = -1;
  time_point last_scan_;
  bool was_asked_ = false;
};

} // namespace troupe
