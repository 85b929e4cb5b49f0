#pragma once

#include "runtime/process/unique_fd.hpp"

#include <troupe/result.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

/// What is found below a folder.
struct beneath_entry {
  unique_fd fd; ///< a file to read from; of a folder not to be used
  bool is_folder = false;
  std::uint64_t size = 0;
  std::int64_t modified_s = 0; ///< since 1970
  std::string tag;             ///< changes with every change of the file
};

enum class disk_patience { none, all };

/// Opens what `parts` name below the open folder. No link is followed and nothing outside is reached, whatever changes
/// meanwhile: the kernel resolves the whole path beneath the folder (openat2), or, where it cannot, one part after the
/// other is opened. `not_found` for everything that is no file and no folder, `unavailable` if it had to wait for the disk
/// and may not.
result<beneath_entry> open_beneath(int folder, const std::vector<std::string>& parts, disk_patience patience);

/// `size` bytes from `from` on; fewer if the file has become shorter. `unavailable` as above.
result<std::string> read_at(int fd, std::uint64_t from, std::size_t size, disk_patience patience);

/// The parts of a path with `/` between them; `.` for none.
std::string joined(const std::vector<std::string>& parts);

} // namespace troupe
