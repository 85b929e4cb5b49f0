#pragma once

#include <troupe/result.hpp>

#include <string>

namespace troupe {

/// Finds the scripts of applications. Thread-safe; looks at files, but does not wait.
class script_catalog {
public:
  virtual ~script_catalog() = default;

  /// The full path of a script that may be started, by its path in the folder `application` or by its id there.
  virtual result<std::string> find(const std::string& application, const std::string& name_or_id) const = 0;
};

} // namespace troupe
