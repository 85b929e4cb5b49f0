#pragma once

#include <runtime/process/unique_fd.hpp>

#include <troupe/result.hpp>

#include <filesystem>
#include <optional>

namespace troupe {

/// The lock of one environment, held while it is changed. The kernel lets go of it when the last process that holds it
/// has ended: a build inherits it, so an environment stays locked while anything of a build lives.
class venv_lock {
public:
  /// Nothing if somebody else holds it.
  static result<std::optional<venv_lock>> try_take(const std::filesystem::path& file);

  /// Removes the lock's file; who waits for it makes another one. The lock is held on.
  void remove_file() const;

private:
  venv_lock(unique_fd file, std::filesystem::path path) : file_(std::move(file)), path_(std::move(path)) {}

  unique_fd file_;
  std::filesystem::path path_;
};

} // namespace troupe
