#pragma once

#include "runtime/applications/application_meta.hpp"
#include "runtime/applications/application_names.hpp"
#include "runtime/applications/folder_files.hpp"

namespace troupe {

inline folder_files::path_parts application_meta_file() { return {application_own_folder, "application.json"}; }

/// The meta file of the application in `files`, with a move that was cut off brought to its end, or forgotten.
result<application_meta> read_application_meta(const folder_files& files);
result<> write_application_meta(const folder_files& files, const application_meta& meta);

/// The files of an application with the turn to change them, until it is destroyed.
struct application_turn {
  folder_files files;
  unique_fd lock;

  static result<application_turn> take(const result<std::string>& folder);
  /// Whole or not there.
  result<bool> write(const folder_files::path_parts& file, std::string_view content) const;
};

} // namespace troupe
