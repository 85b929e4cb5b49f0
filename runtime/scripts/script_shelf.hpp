#pragma once

#include "runtime/scripts/folder_watch.hpp"
#include "runtime/scripts/script_header.hpp"
#include "runtime/scripts/script_store.hpp"

#include <chrono>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe {

/// What a script is at the moment it is asked for.
struct known_script {
  file_version version;
  file_version options_version; ///< all zero without options
  std::string digest;           ///< of its content and the time of its last change
  script_options options;
  script_header header;
  std::string header_problem; ///< why the header cannot be read; empty: it can
};

/// The stored scripts as a server sees them: a list that is read anew only when the folder has changed, and of each script
/// what is needed to run it, read anew only when its file has. One thread.
class script_shelf {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit script_shelf(const script_store& store, bool use_inotify = true)
    : store_(store), watch_(store.folder(), use_inotify) {}

  const std::vector<std::string>& list(time_point now);
  /// The state of the file now. Null: there is no such script. Valid until the next call.
  const known_script* find(const std::string& name);

private:
  const script_store& store_;
  folder_watch watch_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, known_script> known_;
};

} // namespace troupe
