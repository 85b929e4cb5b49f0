#pragma once

#include "runtime/process/unique_fd.hpp"

#include <troupe/result.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Files below an open folder. Every step of a path is taken from the open folder above it and follows no link, so that
/// nothing outside is reached, whatever changes meanwhile. Errors: `not_found`, `conflict` (a folder or a link is in the
/// way), `too_large`, `io_error`.
class folder_files {
public:
  static result<folder_files> open(const std::filesystem::path& folder);

  using path_parts = std::vector<std::string>;

  bool has_file(const path_parts& file) const;
  result<std::string> read(const path_parts& file, std::size_t most) const;
  /// Whole or not at all: into `beside` first, then renamed; on the disk when this returns. Folders come with their files.
  /// True: the file is new. Only under `lock`.
  result<bool> write(const path_parts& file, std::string_view content, const path_parts& beside) const;

  struct entry {
    std::string path;
    std::uint64_t size = 0;
  };
  struct listing {
    std::vector<entry> files; ///< by their paths
    bool truncated = false;   ///< there are more
  };
  /// Regular files; not those below the folder `left_out` of the top.
  listing list(std::string_view left_out, std::size_t most) const;

  /// Others that lock wait, also in other processes, until the result is destroyed.
  result<unique_fd> lock(const path_parts& below) const;

private:
  explicit folder_files(unique_fd folder) : folder_(std::move(folder)) {}
  /// The folder of a file.
  result<unique_fd> parent_of(const path_parts& file, bool make) const;

  unique_fd folder_;
};

} // namespace troupe
