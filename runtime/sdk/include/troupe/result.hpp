#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace troupe {

/// The number of an error. The one table behind it (name, HTTP status, whether a retry can help, sentence) is
/// `error_table()` in runtime/error.
enum class error_code : std::uint16_t {
  bad_request = 1,    ///< the input has a wrong shape
  not_found,          ///< no such actor, process, task or file
  name_taken,         ///< a name is already in use in the system
  mailbox_full,       ///< the receiver (or the link to it) holds as much as it may
  too_large,          ///< a message is above the size limit
  access_denied,      ///< the caller may not do this
  actor_failed,       ///< the actor, or the process it lived in, failed
  timed_out,          ///< no answer in time
  unavailable,        ///< something that is needed is not there now; a later try may succeed
  not_supported,      ///< this build or this machine cannot do it
  conflict,           ///< the state does not allow it
  package_error,      ///< a package cannot be found, checked or loaded
  io_error,           ///< the operating system refused
  internal            ///< a defect of ours
};

/// Why something failed: what was attempted, on what, why, and what the reader can do, in one sentence.
struct error {
  error_code code = error_code::internal;
  std::string text;
};

template <class T = void>
using result = std::expected<T, error>;

/// Shortens `return std::unexpected(error{...})`.
inline std::unexpected<error> fail(error_code code, std::string text) {
  return std::unexpected<error>(error{code, std::move(text)});
}

} // namespace troupe
