#pragma once

#include "runtime/config/settings.hpp"

#include <troupe/result.hpp>

#include <cstdint>
#include <filesystem>
#include <string>

namespace troupe {

/// The folder that holds everything a system writes. Locked while the daemon lives: one daemon a folder.
class state_folder {
public:
  /// Makes what is missing. Fails if it cannot be written, or another daemon holds the lock (the text says which pid).
  static result<state_folder> open(settings& config);

  state_folder(state_folder&& other) noexcept;
  state_folder& operator=(state_folder&&) = delete;
  ~state_folder();

  /// The head's incarnation: one more than at the last start, durable before it is used.
  result<std::uint32_t> next_incarnation();

  /// Atomically: whoever reads `ready.json` reads a whole one.
  result<> write_ready(const json& content);
  /// The system has ended in order: nothing of it lives on.
  void remove_ready();
  /// Is the folder for sockets one that nobody else uses?
  bool owns(const std::filesystem::path& run_folder) const;

  std::filesystem::path path() const { return path_; }

private:
  explicit state_folder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::filesystem::path path_;
  std::filesystem::path short_run_; ///< a folder for sockets of ours, if the one inside is too deep
  int lock_ = -1;
  bool has_ended_ = false;
};

/// Writes a file as a whole: a temporary one beside it, synchronised, then renamed.
result<> write_file_atomically(const std::filesystem::path& path, const std::string& content, int mode);

} // namespace troupe
