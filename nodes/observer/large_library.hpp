#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace troupe {

/// A library that takes much memory by being loaded alone.
struct large_library {
  const char* name = "";        ///< as people call it
  const char* module = "";      ///< as a script imports it
  std::uint64_t megabytes = 0;  ///< more than that; measured with the usual builds, rounded down
};

/// The largest of those whose files are mapped by a process, by the text of its `/proc/<pid>/maps`; null: none.
const large_library* largest_mapped(std::string_view maps);
/// The largest of those that a Python script names in its import statements; null: none.
const large_library* largest_imported(std::string_view script);

/// The larger one; null: none.
const large_library* larger_of(const large_library* one, const large_library* other);

/// Looks at living processes; a few, and as much of each as a look of some milliseconds takes.
const large_library* largest_mapped_by(const std::vector<pid_t>& processes);
/// Looks at the beginning of a script's file.
const large_library* largest_imported_by(const std::string& script_file);

} // namespace troupe
