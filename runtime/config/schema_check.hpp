#pragma once

#include "runtime/config/located_json.hpp"

#include <string>
#include <vector>

namespace troupe {

/// Checks a value against the part of JSON Schema that config/schema.json uses: type, properties, required,
/// additionalProperties, items, enum, minimum, maximum, minLength, pattern. An unknown key comes with the key that was
/// probably meant.
void check_schema(const json& schema, const json& value, const std::string& path,
                  std::vector<config_problem>& problems);

/// A setting that the schema describes: a key of an object that is no object with properties of its own.
struct schema_leaf {
  std::string path;
  const json* schema; ///< part of the schema given
};

/// All settings, by name.
std::vector<schema_leaf> schema_leaves(const json& schema);

} // namespace troupe
