#pragma once

#include <string_view>

namespace troupe::cli {

/// Where a command writes: bytes as they are, nothing kept back.
class text_sink {
public:
  virtual ~text_sink() = default;
  /// False when nobody reads any more.
  virtual bool out(std::string_view bytes) = 0;
  virtual bool err(std::string_view bytes) = 0;
};

} // namespace troupe::cli
