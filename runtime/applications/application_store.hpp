#pragma once

#include "runtime/applications/application_meta.hpp"
#include "runtime/applications/file_version.hpp"
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
    application_settings settings;
    std::string problem;                      ///< why its meta file cannot be used; empty: it can
  };
  result<info> create(const std::string& name) const;
  /// By their folders' names; also those whose meta file is damaged.
  result<std::vector<info>> list() const;
  result<info> get(const std::string& id) const;

  /// `name` and the fields of `application_settings`. The folder keeps its name, and with it what runs keeps its files.
  /// A handler's script must be marked: `access_denied`.
  result<info> change_settings(const std::string& id, const json& changes) const;
  /// With all its files.
  result<> remove(const std::string& id) const;

  result<folder_files::listing> files(const std::string& id) const;
  result<std::string> read_file(const std::string& id, const std::string& path) const;

  struct change_of_file {
    bool is_stale = false; ///< nothing was done: the file is not as expected
    bool is_new = false;
    std::string version; ///< the present one; empty: the file is not there
  };
  /// A mark of an older file of this path stays.
  result<change_of_file> write_file(const std::string& id, const std::string& path, std::string_view content,
                                    const file_expectation& expected = {}) const;
  /// A file, or a folder: an empty one, or with all that is in it.
  result<change_of_file> remove_path(const std::string& id, const std::string& path, bool with_content,
                                     const file_expectation& expected = {}) const;
  result<> make_folder(const std::string& id, const std::string& path) const;
  /// A file or a folder to a path where nothing is. Marks with their ids, handlers and the static folder follow.
  result<> move_path(const std::string& id, const std::string& from, const std::string& to) const;

  /// Marks a script as executable; returns its id, which it keeps until it is unmarked.
  result<std::string> mark(const std::string& id, const std::string& path) const;
  result<> unmark(const std::string& id, const std::string& path) const;

  struct script {
    std::string folder; ///< of the application
    std::string path;   ///< in that folder
    json params;        ///< of the application, for all its runs
  };
  /// A script that may be started, by its path or its id. `access_denied`: it is there, but not marked.
  result<script> find_script(const std::string& id, const std::string& name_or_id) const;
  /// The same for an application by its folder.
  static result<script> find_script_in(const std::filesystem::path& folder, const std::string& name_or_id);

  /// Where an application is.
  result<std::string> folder_of(const std::string& id) const;

private:
  using step = std::function<result<>(const folder_files&, application_meta&)>;
  result<> change(const std::string& id, const step& what) const;

  std::filesystem::path root_;
};

} // namespace troupe
