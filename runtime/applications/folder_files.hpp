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

  enum class kind { nothing, file, folder, other };
  /// What is at that path; a link is `other`.
  kind look(const path_parts& path) const;
  /// A file to read from, without waiting for anybody (pipes, devices: `conflict`).
  result<unique_fd> open_file(const path_parts& file) const;

  // Only under `lock`; on the disk when they return.
  /// With the folders above it; `conflict` if it is there.
  result<> make_folder(const path_parts& folder) const;
  /// A file or a folder to where nothing is. Folders above `to` come with it.
  result<> move(const path_parts& from, const path_parts& to) const;
  result<> remove_file(const path_parts& file) const;
  /// With everything in it: it vanishes at once to `trash`, and from there piece by piece. `conflict` if it has something
  /// in it and not `whole`.
  result<> remove_folder(const path_parts& folder, bool whole, const path_parts& trash) const;

  struct entry {
    std::string path;
    std::uint64_t size = 0;
  };
  struct listing {
    std::vector<entry> files; ///< by their paths
    std::vector<std::string> folders; ///< by their paths
    bool truncated = false;   ///< there are more
  };
  /// Regular files and folders; not the folder `left_out` of the top.
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
