#include "web/server/stream_framing.hpp"

#include "web/server/answer_head.hpp"
#include "web/server/http_messages.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace troupe {

std::string stream_framing::head(http_response head, bool keep_alive) {
  unsent_.reset();
  for (const auto& field : head.fields) {
    if (field.name == "Content-Length") {
      std::uint64_t length = 0;
      std::from_chars(field.value.data(), field.value.data() + field.value.size(), length);
      unsent_ = length;
    }
  }
  return answer_head(head, {version_11_, keep_alive, unsent_, false});
}

std::string stream_framing::piece(std::string bytes) {
  if (head_only_ || bytes.empty()) {
    return {};
  }
  if (unsent_) {
    bytes.resize(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), *unsent_)));
    *unsent_ -= bytes.size();
    return bytes;
  }
  return version_11_ ? chunk_of(bytes) : bytes;
}

std::string stream_framing::end() const { return version_11_ && !unsent_ && !head_only_ ? "0\r\n\r\n" : ""; }

} // namespace troupe
