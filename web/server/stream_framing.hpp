#pragma once

#include "web/routes/http_types.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace troupe {

/// The bytes of one answer that comes in pieces: chunked, of a length that its head says, or up to the end of the
/// connection (HTTP/1.0). An answer to HEAD has no pieces.
class stream_framing {
public:
  void begin(bool version_11, bool head_only) {
    version_11_ = version_11;
    head_only_ = head_only;
  }
  std::string head(http_response head, bool keep_alive);
  std::string piece(std::string bytes);
  std::string end() const;
  /// Less came than the head said: the client must see the end of the connection.
  bool is_short() const noexcept { return unsent_.value_or(0) > 0 && !head_only_; }

private:
  bool version_11_ = true;
  bool head_only_ = false;
  std::optional<std::uint64_t> unsent_; ///< of the length that was said
};

} // namespace troupe
