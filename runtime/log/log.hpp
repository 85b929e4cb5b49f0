#pragma once

#include <troupe/result.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace troupe {

enum class verbosity { trace, debug, info, warning, error, off };

/// The level with this name ("info"), or `bad_request` with the names there are.
result<verbosity> parse_verbosity(std::string_view name);
std::string_view to_string(verbosity level) noexcept;

struct log_options {
  std::filesystem::path file;             ///< empty: no file. Its folder is made if it is missing
  std::uint64_t file_bytes = 10ULL << 20; ///< a file of this size is rotated to `troupe.1.log`, …
  std::uint32_t files = 5;                ///< rotated files that are kept
  bool to_stderr = false;
  bool async = false; ///< a thread of the log writes; when its queue is full the oldest lines give way
  verbosity level = verbosity::info;
  std::string who; ///< node or program, in each line
};

/// Where lines go. Thread-safe. Dropping it writes out what is queued and closes the file.
class log {
public:
  virtual ~log() = default;

  /// One line, `<UTC time> <level> [<who>] <text>`. Secrets in `key=value` and JSON form are masked as `mask_secrets`
  /// does; line ends inside `text` are shown as "\n", so that nobody can forge a line.
  virtual void write(verbosity level, std::string_view text) = 0;

  virtual bool shows(verbosity level) const noexcept = 0;
  virtual void set_level(verbosity level) noexcept = 0;

  /// Returns when everything written before is in the file.
  virtual void flush() = 0;

  void debug(std::string_view text) { write(verbosity::debug, text); }
  void info(std::string_view text) { write(verbosity::info, text); }
  void warning(std::string_view text) { write(verbosity::warning, text); }
  void error(std::string_view text) { write(verbosity::error, text); }
};

/// Fails with `io_error` if the file cannot be opened.
result<std::unique_ptr<log>> open_log(const log_options& options);

/// A log that drops everything.
std::unique_ptr<log> make_silent_log();

/// The text with the values of keys that name a password or a token replaced by `***`: `token=…`, `"password": "…"`,
/// `new_password: …`, and what follows `Bearer`.
std::string mask_secrets(std::string_view text);

} // namespace troupe
