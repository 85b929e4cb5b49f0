#pragma once

#include "web/routes/http_types.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace troupe {

/// How an answer ends for its reader.
struct answer_shape {
  bool version_11 = true;
  bool keep_alive = true;
  std::optional<std::uint64_t> length; ///< none: chunks, or the end of the connection
  bool has_no_body = false;            ///< 204, 304: neither a length nor a body
};

/// The bytes of an answer's head, its empty line included: our own fields, then those of the answer, which replace ours of
/// the same name. One text, since the kernel takes one buffer faster than thirty.
std::string answer_head(const http_response& answer, const answer_shape& shape);

/// A whole answer in the two pieces that go out: the head, and the body, empty for HEAD and where none may be.
struct whole_answer {
  std::string head;
  std::string body;
};
whole_answer pieces_of(http_response answer, bool head_only, bool version_11, bool keep_alive);

} // namespace troupe
