#include "runtime/config/config_layers.hpp"

#include "runtime/config/closest_word.hpp"
#include "runtime/config/schema_check.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

namespace troupe {

namespace {

constexpr std::uintmax_t largest_file = 4U << 20;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

template <class Number>
std::optional<json> as_number(const std::string& text) {
  Number number{};
  const auto* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  return problem == std::errc{} && stop == end ? std::optional<json>(number) : std::nullopt;
}

/// The type of a setting; the first of several, of which the other is null.
std::string type_of(const json& schema) {
  const auto found = schema.find("type");
  return found == schema.end() ? std::string{} : (found->is_array() ? found->front() : *found).get<std::string>();
}

/// A text of the environment or of a flag in the type the setting has; a text that does not fit stays a text, so that
/// the check against the schema says what it should be.
json typed(const json& schema, const std::string& text) {
  const auto type = type_of(schema);
  if (type != "string" && text == "null" && schema["type"].is_array()) {
    return nullptr;
  }
  if (type == "boolean") {
    const auto word = lower(text);
    if (word == "true" || word == "1" || word == "yes" || word == "on") {
      return true;
    }
    if (word == "false" || word == "0" || word == "no" || word == "off") {
      return false;
    }
  } else if (type == "integer") {
    return as_number<std::int64_t>(text).value_or(text);
  } else if (type == "number") {
    return as_number<double>(text).value_or(text);
  } else if (type == "array" && !text.starts_with('[') && schema["items"].value("type", std::string{}) == "string") {
    json list = json::array();
    for (std::size_t at = 0; at <= text.size();) {
      const auto end = std::min(text.find(':', at), text.size());
      if (end > at) {
        list.push_back(text.substr(at, end - at));
      }
      at = end + 1;
    }
    return list;
  } else if (type != "string") {
    auto parsed = json::parse(text, nullptr, false);
    return parsed.is_discarded() ? json(text) : parsed;
  }
  return text;
}

result<std::string> read_text(const std::filesystem::path& file) {
  std::error_code problem;
  if (std::filesystem::is_directory(file, problem)) {
    return fail(error_code::io_error, "it is a folder; name a file");
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    return fail(error_code::io_error, std::string{std::strerror(errno)} + "; check the path and its permissions");
  }
  std::string text;
  std::vector<char> part(64U << 10);
  while (in.read(part.data(), static_cast<std::streamsize>(part.size())) || in.gcount() > 0) {
    text.append(part.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > largest_file) {
      return fail(error_code::io_error, "it is larger than 4 MiB; is this the right file?");
    }
  }
  return text;
}

} // namespace

std::string environment_name(const std::string& key) {
  std::string name = "TROUPE_";
  for (const char c : key) {
    name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

config_layers::config_layers(const json& schema) : schema_(schema) {}

void config_layers::put(const std::string& key, json value, source from) {
  auto* at = &value_;
  std::size_t begin = 0;
  for (auto dot = key.find('.'); dot != std::string::npos; dot = key.find('.', begin)) {
    at = &(*at)[key.substr(begin, dot - begin)];
    begin = dot + 1;
  }
  (*at)[key.substr(begin)] = std::move(value);
  sources_[key] = std::move(from);
}

const config_layers::source* config_layers::source_of(const std::string& key) const {
  const auto found = sources_.find(key);
  return found == sources_.end() ? nullptr : &found->second;
}

void config_layers::add_file(const std::filesystem::path& file) {
  const auto text = read_text(file);
  if (!text) {
    file_was_unreadable_ = true;
    problems_.push_back("cannot read the configuration " + file.string() + ": " + text.error().text);
    return;
  }
  const auto parsed = parse_located(*text);
  if (!parsed) {
    problems_.push_back(file.string() + ":" + parsed.error().text);
    return;
  }
  auto found = parsed->problems;
  check_schema(schema_, parsed->value, "", found);
  for (auto& problem : found) {
    problem.line = problem.line != 0 ? problem.line : std::max(1, parsed->line_of(problem.path));
  }
  std::ranges::stable_sort(found, {}, &config_problem::line);
  for (const auto& problem : found) {
    problems_.push_back(file.string() + ":" + std::to_string(problem.line) + ": " + problem.text);
  }
  if (!found.empty()) {
    return;
  }
  std::error_code unused;
  const auto folder = std::filesystem::absolute(file, unused).parent_path();
  for (const auto& leaf : schema_leaves(schema_)) {
    const json::json_pointer pointer("/" + [path = leaf.path]() mutable {
      std::ranges::replace(path, '.', '/');
      return path;
    }());
    if (parsed->value.contains(pointer)) {
      put(leaf.path, parsed->value[pointer],
          {file.string() + ":" + std::to_string(parsed->line_of(leaf.path)), folder});
    }
  }
}

void config_layers::add_text(const std::string& key, const json& schema, const std::string& text, source from) {
  auto value = typed(schema, text);
  std::vector<config_problem> found;
  check_schema(schema, value, key, found);
  for (const auto& problem : found) {
    problems_.push_back(from.text + ": " + problem.text);
  }
  put(key, std::move(value), std::move(from));
}

void config_layers::add_environment(const std::map<std::string, std::string>& environment,
                                    const std::filesystem::path& current) {
  std::vector<std::string> names;
  const auto leaves = schema_leaves(schema_);
  for (const auto& leaf : leaves) {
    const auto own = environment_name(leaf.path);
    names.push_back(own);
    for (const auto& name : {leaf.schema->value("x-environment", std::string{}), own}) {
      // An empty variable is one that is not set: container files often pass them on like that.
      if (const auto set = environment.find(name); set != environment.end() && !set->second.empty()) {
        add_text(leaf.path, *leaf.schema, set->second, {"environment " + name, current});
      }
    }
  }
  for (const auto& [name, value] : environment) {
    if (name.starts_with("TROUPE_") && std::ranges::find(names, name) == names.end()) {
      const auto meant = closest_word(name, names);
      if (meant && edit_distance(name, *meant) <= 2) {
        warnings_.push_back("environment " + name + " is not read; did you mean " + *meant + "?");
      }
    }
  }
}

void config_layers::add_flag(const std::string& flag, const std::filesystem::path& current) {
  const auto equals = flag.find('=');
  if (equals == std::string::npos || equals == 0) {
    problems_.push_back("--set " + flag + ": give it as key=value, as --set gateway.port=0");
    return;
  }
  const auto key = flag.substr(0, equals);
  const auto leaves = schema_leaves(schema_);
  const auto leaf = std::ranges::find(leaves, key, &schema_leaf::path);
  if (leaf == leaves.end()) {
    std::vector<std::string> names;
    for (const auto& one : leaves) {
      names.push_back(one.path);
    }
    const auto meant = closest_word(key, names);
    problems_.push_back("--set " + flag + ": unknown key \"" + key + "\"; " +
                        (meant ? "did you mean \"" + *meant + "\"?" : "config/example.json shows all keys"));
    return;
  }
  add_text(key, *leaf->schema, flag.substr(equals + 1), {"--set " + key, current});
}

} // namespace troupe
