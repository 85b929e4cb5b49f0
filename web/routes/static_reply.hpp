#pragma once

#include "web/routes/http_types.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// What is known of a file before it is read.
struct static_file_facts {
  std::string path; ///< its end says its type
  std::uint64_t size = 0;
  std::int64_t modified_s = 0;
  std::string tag;
};

/// How a request for a file is answered: `head` without the body, which is `length` bytes from `from` on.
struct static_reply {
  http_response head;
  std::uint64_t from = 0;
  std::uint64_t length = 0;
};

/// By RFC 9110: validators, conditions and one range; several ranges are answered with the whole file.
static_reply answer_for_file(const http_request& request, const static_file_facts& file);

/// The media type by the end of a name; `application/octet-stream` if it is not known.
std::string_view media_type_of(std::string_view path) noexcept;

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
std::string http_date(std::int64_t seconds_since_1970);

} // namespace troupe
