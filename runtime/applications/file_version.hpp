#pragma once

#include <string>
#include <string_view>

namespace troupe {

/// Names the content of a file: the same bytes have the same version, others another one. 32 hexadecimal digits.
std::string content_version(std::string_view content);

/// What a writer expects of the file; by default nothing.
struct file_expectation {
  std::string version;         ///< the version that was read; `*`: any, but the file is there
  bool must_be_absent = false; ///< it must not be there
  bool is_any() const noexcept { return version.empty() && !must_be_absent; }
};

} // namespace troupe
