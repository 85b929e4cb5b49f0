#pragma once

#include "runtime/packages/class_source.hpp"

#include <expected>
#include <string>

namespace troupe {

/// What the answer `bad_request {field, expected}` says.
struct bad_field {
  std::string field;
  std::string expected;
};

/// Reads a `class_desc` value. Without `class` the name stays empty: `class_source` then takes the package's
/// alphabetically first class, and the caller writes `loaded_class::info->name` back into the description.
/// `field` is what the value is called where it stood; it comes before the names of wrong fields.
std::expected<class_desc, bad_field> read_class_desc(const json& value, const std::string& field = "class_desc");

} // namespace troupe
