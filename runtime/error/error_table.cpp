#include "runtime/error/error_table.hpp"

#include <algorithm>
#include <array>

namespace troupe {

namespace {

constexpr std::array rows{
  error_row{error_code::bad_request, "bad_request", 400, false,
            "The request has a wrong shape; the text names the field and what it should be."},
  error_row{error_code::not_found, "not_found", 404, false,
            "There is no such actor, process, task or file; check the name."},
  error_row{error_code::name_taken, "name_taken", 409, false,
            "The name is already in use in this system; choose another one or remove its owner."},
  error_row{error_code::mailbox_full, "mailbox_full", 429, true,
            "The receiver holds as many messages as it may; send slower and try again."},
  error_row{error_code::too_large, "too_large", 413, false,
            "The message is above the size limit (limits.message_bytes); send it in parts."},
  error_row{error_code::access_denied, "access_denied", 403, false,
            "The caller may not do this; log in or use a token that may."},
  error_row{error_code::actor_failed, "actor_failed", 502, true,
            "The actor, or the process it lived in, failed before it answered; its log says why."},
  error_row{error_code::timed_out, "timed_out", 504, true,
            "No answer came in time; it may still have been done, so look before you repeat it."},
  error_row{error_code::unavailable, "unavailable", 503, true,
            "Something that is needed is not there now; try again later."},
  error_row{error_code::not_supported, "not_supported", 501, false, "This build or this machine cannot do it."},
  error_row{error_code::conflict, "conflict", 409, false,
            "The present state does not allow it; the text says which state."},
  error_row{error_code::package_error, "package_error", 422, false,
            "A package cannot be found, checked or loaded; the text says which and where it was looked for."},
  error_row{error_code::io_error, "io_error", 500, true,
            "The operating system refused; the text says what was tried and its reason."},
  error_row{error_code::internal, "internal", 500, false, "A defect of Troupe; please report the text and the log."},
};

} // namespace

std::span<const error_row> error_table() noexcept {
  return rows;
}

const error_row& describe_error(error_code code) noexcept {
  const auto found = std::ranges::find(rows, code, &error_row::code);
  return found == rows.end() ? rows.back() : *found;
}

const error_row* find_error(std::string_view name) noexcept {
  const auto found = std::ranges::find(rows, name, &error_row::name);
  return found == rows.end() ? nullptr : &*found;
}

} // namespace troupe
