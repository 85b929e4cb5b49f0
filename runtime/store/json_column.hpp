#pragma once

#include <troupe/json.hpp>

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>

namespace troupe {

/// `value` as the text of a column; what is not UTF-8 in it is replaced.
inline std::string text_of(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

/// The value in a column, null where it is not JSON.
inline json json_of(const SQLite::Column& column) {
  auto value = json::parse(column.getString(), nullptr, false);
  return value.is_discarded() ? json(nullptr) : value;
}

} // namespace troupe
