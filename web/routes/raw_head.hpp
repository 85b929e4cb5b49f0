#pragma once

#include "web/routes/http_types.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// Why a request cannot be taken, before anything else is known about it.
struct head_refusal {
  unsigned status = 400;
  std::string detail;
};

/// What a body will be like, by its head.
struct body_plan {
  bool chunked = false;
  std::size_t length = 0; ///< without `chunked`
};

/// Looks at the bytes of a request's head, its empty line included, where a lenient parser would let two readers
/// understand different things: bare CR or LF, folded lines, space around names, control characters, a request line
/// that is not `METHOD /path HTTP/1.x`.
std::optional<head_refusal> check_raw_head(std::string_view head);

/// Looks at the fields that decide where a request ends: one Content-Length with digits only or one Transfer-Encoding
/// `chunked`, never both. `version_11` is false for HTTP/1.0.
std::optional<head_refusal> check_framing(const http_request& request, bool version_11, body_plan& plan);

} // namespace troupe
