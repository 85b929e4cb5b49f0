#pragma once

#include "nodes/troupe/text_sink.hpp"

namespace troupe::cli {

/// Standard output and standard error of this program. Expects SIGPIPE to be ignored.
class fd_sink final : public text_sink {
public:
  bool out(std::string_view bytes) override;
  bool err(std::string_view bytes) override;
};

} // namespace troupe::cli
