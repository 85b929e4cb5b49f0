#pragma once

#include <troupe/result.hpp>

#include <span>
#include <string_view>

namespace troupe {

/// One row of the table of errors, which feeds the HTTP door, the command line, Python and the docs.
struct error_row {
  error_code code;
  std::string_view name; ///< on the wire and in the docs, as "mailbox_full"
  int http_status;
  bool retry_helps;          ///< the same request may succeed later without a change
  std::string_view sentence; ///< what it means, and what the reader can do
};

/// All rows, by number.
std::span<const error_row> error_table() noexcept;

/// The row of a code; a number outside the table gives the row of `internal`.
const error_row& describe_error(error_code code) noexcept;

/// The row with this name, or null.
const error_row* find_error(std::string_view name) noexcept;

} // namespace troupe
