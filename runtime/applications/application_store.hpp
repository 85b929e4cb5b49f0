#pragma once

#include "runtime/applications/application_meta.hpp"
#include "runtime/applications/folder_files.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// The applications of a system: one folder `<name>-<id>` each, below the folder `root`, with a meta file in `.troupe`.
/// Keeps nothing in memory, so several objects and processes can work on one root; thread-safe. Waits for the disk: not
/// for threads that may not.
class application_store {
public:
  static constexpr std::size_t most_applications = 10'000;
  static constexpr std::size_t most_file_bytes = 16u << 20;
  static constexpr std::size_t most_listed_files = 10'000;
  static constexpr std::size_t most_marks = 1'000;

  explicit application_store(std::filesystem::path root) : root_(std::move(root)) {}

  const std::filesystem::path& root() const noexcept { return root_; }

  struct info {
    std::string id;
    std::string name;
    std::string folder;                       ///< full path
    std::map<std::string, std::string> marks; ///< ids of executable scripts by their paths
    std::string problem;                      ///< why its meta file cannot be used; empty: it can
  };
  result<info> create(const std::string& name) const;
  /// By their folders' names; also those whose meta file is damaged.
  result<std::vector<info>> list() const;
  result<info> get(const std::string& id) const;

  result<folder_files::listing> files(const std::string& id) const;
  result<std::string> read_file(const std::string& id, const std::string& path) const;
  /// True: the file is new. A mark of an older file of this path stays.
  result<bool> write_file(const std::string& id, const std::string& path, std::string_view content) const;

  /// Marks a script as executable; returns its id, which it keeps until it is unmarked.
  result<std::string> mark(const std::string& id, const std::string& path) const;
  result<> unmark(const std::string& id, const std::string& path) const;

  struct script {
    std::string folder; ///< of the application
    std::string path;   ///< in that folder
  };
  /// A script that may be started, by its path or its id. `access_denied`: it is there, but not marked.
  result<script> find_script(const std::string& id, const std::string& name_or_id) const;
  /// The same for an application by its folder.
  static result<script> find_script_in(const std::filesystem::path& folder, const std::string& name_or_id);

private:
  result<std::string> folder_of(const std::string& id) const;
  result<> change(const std::string& id, const std::function<result<>(const folder_files&, application_meta&)>& what) const;

  std::filesystem::path root_;
};

} // namespace troupe
