#include "runtime/config/schema_check.hpp"

#include "runtime/config/closest_word.hpp"

#include <algorithm>

#include <regex.h>

namespace troupe {

namespace {

bool has_type(const json& value, const std::string& type) {
  return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
         (type == "string" && value.is_string()) || (type == "boolean" && value.is_boolean()) ||
         (type == "integer" && value.is_number_integer()) || (type == "number" && value.is_number()) ||
         (type == "null" && value.is_null());
}

std::vector<std::string> types_of(const json& schema) {
  const auto type = schema.find("type");
  if (type == schema.end()) {
    return {};
  }
  return type->is_array() ? type->get<std::vector<std::string>>() : std::vector{type->get<std::string>()};
}

std::string range_of(const json& schema) {
  const bool from = schema.contains("minimum");
  const bool to = schema.contains("maximum");
  return (from && to) ? " from " + schema["minimum"].dump() + " to " + schema["maximum"].dump()
         : from       ? " of at least " + schema["minimum"].dump()
         : to         ? " of at most " + schema["maximum"].dump()
                      : "";
}

std::string words_for(const std::string& type, const json& schema) {
  if (type == "object") {
    return "an object {…}";
  }
  if (type == "array") {
    return "a list […]";
  }
  if (type == "string") {
    return "a text \"…\"";
  }
  if (type == "boolean") {
    return "true or false";
  }
  return type == "null" ? "null" : (type == "integer" ? "a whole number" : "a number") + range_of(schema);
}

std::string expected_by(const json& schema) {
  if (const auto choice = schema.find("enum"); choice != schema.end()) {
    std::string words;
    for (const auto& one : *choice) {
      words += (words.empty() ? "" : &one == &choice->back() ? " or " : ", ") + one.dump();
    }
    return words;
  }
  std::string words;
  for (const auto& type : types_of(schema)) {
    words += (words.empty() ? "" : " or ") + words_for(type, schema);
  }
  return words;
}

std::string shown(const json& value) {
  if (value.is_object()) {
    return "an object";
  }
  if (value.is_array()) {
    return "a list";
  }
  auto text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > 60) {
    text = text.substr(0, 57) + "…\"";
  }
  return (value.is_string() ? "the text " : value.is_number() ? "the number " : "") + text;
}

std::string named(const std::string& path) {
  return path.empty() ? "the document" : "\"" + path + "\"";
}

bool in_range(const json& schema, const json& value) {
  if (!value.is_number()) {
    return true;
  }
  const auto number = value.get<double>();
  return (!schema.contains("minimum") || number >= schema["minimum"].get<double>()) &&
         (!schema.contains("maximum") || number <= schema["maximum"].get<double>());
}

/// Patterns are POSIX extended expressions here: those of the schema mean the same in both dialects, and <regex> costs a
/// second of compile time.
bool matches(const std::string& text, const std::string& pattern) {
  regex_t compiled;
  if (regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
    return false;
  }
  const bool found = regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
  regfree(&compiled);
  return found;
}

void check_text(const json& schema, const json& value, const std::string& path, std::vector<config_problem>& problems) {
  const auto text = value.get<std::string>();
  if (text.size() < schema.value("minLength", std::size_t{0})) {
    problems.push_back({path, named(path) + " must not be empty"});
  } else if (text.find('\0') != std::string::npos) {
    problems.push_back({path, named(path) + " must not contain the character 0; no path or name can"});
  } else if (const auto pattern = schema.find("pattern"); pattern != schema.end()) {
    if (!matches(text, pattern->get<std::string>())) {
      problems.push_back({path, named(path) + " is " + shown(value) + "; " +
                                  schema.value("x-pattern-meaning", "it must match " + pattern->get<std::string>())});
    }
  }
}

void check_object(const json& schema, const json& value, const std::string& path,
                  std::vector<config_problem>& problems) {
  const auto properties = schema.value("properties", json::object());
  const bool closed = schema.contains("additionalProperties") && schema["additionalProperties"] == false;
  for (const auto& [key, inner] : value.items()) {
    const auto inner_path = join_path(path, key);
    if (const auto known = properties.find(key); known != properties.end()) {
      check_schema(*known, inner, inner_path, problems);
    } else if (closed) {
      std::vector<std::string> names;
      for (const auto& [name, unused] : properties.items()) {
        names.push_back(name);
      }
      const auto meant = closest_word(key, names);
      std::string known_names;
      for (const auto& name : names) {
        known_names += (known_names.empty() ? "" : ", ") + name;
      }
      problems.push_back({inner_path, "unknown key \"" + inner_path + "\"; " +
                                        (meant ? "did you mean \"" + join_path(path, *meant) + "\"?"
                                               : "the keys known here are " + known_names)});
    }
  }
  for (const auto& key : schema.value("required", json::array())) {
    if (!value.contains(key.get<std::string>())) {
      problems.push_back({path, named(path) + " has no " + key.dump() + "; add it"});
    }
  }
}

} // namespace

void check_schema(const json& schema, const json& value, const std::string& path,
                  std::vector<config_problem>& problems) {
  const auto types = types_of(schema);
  const bool right_type =
    types.empty() || std::ranges::any_of(types, [&](const std::string& type) { return has_type(value, type); });
  const auto choice = schema.find("enum");
  if (!right_type || !in_range(schema, value) ||
      (choice != schema.end() && std::ranges::find(*choice, value) == choice->end())) {
    problems.push_back({path, named(path) + " should be " + expected_by(schema) + ", but is " + shown(value)});
    return;
  }
  if (value.is_object()) {
    check_object(schema, value, path, problems);
  } else if (value.is_string()) {
    check_text(schema, value, path, problems);
  } else if (value.is_array() && schema.contains("items")) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      check_schema(schema["items"], value[i], join_path(path, i), problems);
    }
  }
}

std::vector<schema_leaf> schema_leaves(const json& schema) {
  std::vector<schema_leaf> out;
  for (const auto& [key, inner] : schema["properties"].items()) {
    if (inner.contains("properties")) {
      for (auto& leaf : schema_leaves(inner)) {
        out.push_back({join_path(key, leaf.path), leaf.schema});
      }
    } else if (key.front() != '$') {
      out.push_back({key, &inner});
    }
  }
  return out;
}

} // namespace troupe
