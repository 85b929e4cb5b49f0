#pragma once

#include "nodes/troupe/exit_code.hpp"

#include <troupe/json.hpp>

#include <string>
#include <string_view>

namespace troupe::cli {

/// A recipient or body as typed, read as the console reads it: nothing is null, JSON if it parses as JSON, else the
/// text. Fails (usage) if the text is not UTF-8.
attempt<json> typed_value(std::string_view text);

/// A duration in seconds as JSON: a whole number stays one.
json seconds_value(double seconds);

/// `text` with control characters shown as `\xNN`, so that a name from elsewhere cannot steer the terminal.
std::string printable(std::string_view text);

/// What a JSON value is for people: a string as it is, anything else as JSON on one line.
std::string shown(const json& value);

/// What is under `key`; null if `object` is no object, or has nothing there.
inline json part(const json& object, const char* key) { return object.is_object() ? object.value(key, json{}) : json{}; }

} // namespace troupe::cli
