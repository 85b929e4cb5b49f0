#pragma once

#include <troupe/class_info.hpp>
#include <troupe/json.hpp>
#include <troupe/result.hpp>

#include <memory>
#include <string>

namespace troupe {

/// Which class an actor has: `{"requires_dist": "<name> <specifiers>", "class": "<Class>"}`.
struct class_desc {
  std::string requires_dist;
  std::string class_name;

  json to_json() const { return json{{"requires_dist", requires_dist}, {"class", class_name}}; }
};

/// A class that is loaded into this process, for as long as the process lives.
struct loaded_class {
  std::shared_ptr<const class_info> info;
  std::string package;
  std::string version;
};

/// Finds and loads classes. To be called from one thread (an admin's); loading may take milliseconds.
class class_source {
public:
  virtual ~class_source() = default;
  /// Fails with `package_error` (not found, damaged, wrong ABI, no such class: the text says which and where it
  /// looked), or `conflict` if the version exists but cannot live in this process beside what is already loaded.
  virtual result<loaded_class> obtain(const class_desc& wanted) = 0;
};

} // namespace troupe
