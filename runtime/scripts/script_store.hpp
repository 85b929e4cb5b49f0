#pragma once

#include "runtime/scripts/script_options.hpp"

#include <troupe/result.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// What a file was like at a moment; another one means that its content may have changed.
struct file_version {
  std::uint64_t inode = 0;
  std::int64_t changed_ns = 0; ///< the later of content and state
  std::int64_t modified_ns = 0;
  std::uint64_t size = 0;
  bool operator==(const file_version&) const = default;
};

/// A folder of scripts, each a file, with its options beside it in `.troupe`. Has no state: every function is a few system
/// calls, any thread may use it, and others may work in the folder too. What it writes is whole or not there, and on the
/// disk when a function returns. Links are not followed. Names are checked (`bad_request`).
class script_store {
public:
  static constexpr std::size_t most_code_bytes = 4u << 20;
  static constexpr std::size_t most_scripts = 10'000;

  explicit script_store(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Makes the folder. `io_error` if that is not possible.
  result<> make() const;

  /// `conflict` if the script exists, `too_large`, `io_error`.
  result<> create(const std::string& name, std::string_view code, const script_options& options) const;
  /// `not_found`. Without `options` those that it has stay.
  result<> replace(const std::string& name, std::string_view code, const std::optional<script_options>& options) const;
  result<> remove(const std::string& name) const;

  result<std::string> code(const std::string& name) const;
  /// Those of a script without any, or with broken ones, are empty.
  script_options options(const std::string& name) const;
  /// Regular files with a proper name, sorted.
  std::vector<std::string> list() const;

  /// Nothing: there is no such script.
  std::optional<file_version> look(const std::string& name) const;
  std::optional<file_version> look_at_options(const std::string& name) const;

  std::string path_of(const std::string& name) const { return (folder_ / name).string(); }
  /// A folder that holds no script.
  std::string importable_folder() const;
  const std::filesystem::path& folder() const noexcept { return folder_; }

private:
  result<> write(const std::string& name, std::string_view code, const std::optional<script_options>& options,
                 bool is_new) const;

  std::filesystem::path folder_;
};

} // namespace troupe
