#include <actors/task/start_request.hpp>

#include <runtime/venv/venv_name.hpp>

#include <cmath>
#include <functional>
#include <string_view>

namespace troupe {
namespace {

constexpr double largest_limit = 10.0 * 365 * 24 * 3600; ///< ten years of seconds, 300 TB of MB

/// Text that the operating system can take: it ends at a zero character.
bool is_text(const json& value) {
  return value.is_string() && value.get_ref<const std::string&>().find('\0') == std::string::npos;
}

bool is_filled_text(const json& value) {
  return is_text(value) && !value.get_ref<const std::string&>().empty();
}

bool is_variable_name(const std::string& name) {
  return !name.empty() && name.find('=') == std::string::npos && name.find('\0') == std::string::npos;
}

std::optional<std::vector<std::string>> texts_of(const json& value) {
  if (!value.is_array()) {
    return std::nullopt;
  }
  std::vector<std::string> out;
  for (const auto& one : value) {
    if (!is_text(one)) {
      return std::nullopt;
    }
    out.push_back(one.get<std::string>());
  }
  return out;
}

std::optional<std::map<std::string, std::string>> variables_of(const json& value) {
  if (!value.is_object()) {
    return std::nullopt;
  }
  std::map<std::string, std::string> out;
  for (const auto& [name, one] : value.items()) {
    if (!is_variable_name(name) || !is_text(one)) {
      return std::nullopt;
    }
    out[name] = one.get<std::string>();
  }
  return out;
}

/// What one field is for: takes the value if it fits.
struct field_rule {
  const char* expected;
  std::function<bool(start_request&, const json&)> take;
};

bool is_run_id(const json& value) {
  if (!value.is_string()) {
    return false;
  }
  const auto& text = value.get_ref<const std::string&>();
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return !text.empty() && text.size() <= 64 && text.find_first_not_of(allowed) == std::string::npos;
}

/// A limit: a number above 0, or below 0 for none.
bool is_limit(const json& value) {
  return value.is_number() && value.get<double>() != 0 && value.get<double>() < largest_limit;
}

template <class T>
bool assign(T& target, std::optional<T> value) {
  if (value) {
    target = std::move(*value);
  }
  return value.has_value();
}

std::map<std::string, field_rule> make_rules() {
  const auto text_rule = [](std::string start_request::*member) {
    return [member](start_request& out, const json& value) {
      return is_filled_text(value) && (out.*member = value.get<std::string>(), true);
    };
  };
  std::map<std::string, field_rule> rules;
  rules["id"] = {"1 to 64 letters, digits, `-` or `_`", [](start_request& out, const json& value) {
                   return is_run_id(value) && (out.id = value.get<std::string>(), true);
                 }};
  rules["script"] = {"the path of a .py, .py3 or .sh file", text_rule(&start_request::script)};
  rules["command"] = {"a list of texts, the program first", [](start_request& out, const json& value) {
                        return assign(out.command, texts_of(value)) && !out.command.empty() &&
                               !out.command.front().empty();
                      }};
  rules["args"] = {"a list of texts",
                   [](start_request& out, const json& value) { return assign(out.args, texts_of(value)); }};
  rules["params"] = {
    "an object", [](start_request& out, const json& value) { return value.is_object() && (out.params = value, true); }};
  rules["stdin"] = {"\"open\" or \"closed\"", [](start_request& out, const json& value) {
                      out.stdin_open = value == "open";
                      return value == "open" || value == "closed";
                    }};
  const auto limit_rule = [](std::optional<double> start_request::*member) {
    return [member](start_request& out, const json& value) {
      return is_limit(value) && (out.*member = value.get<double>(), true);
    };
  };
  rules["timeout"] = {"seconds above 0, or below 0 for no limit", limit_rule(&start_request::timeout_s)};
  rules["memory_limit"] = {"MB above 0, or below 0 for no limit", limit_rule(&start_request::memory_mb)};
  rules["cpu_limit"] = {"seconds above 0, or below 0 for no limit", limit_rule(&start_request::cpu_s)};
  rules["process_limit"] = {"a number above 0, or below 0 for no limit", limit_rule(&start_request::processes)};
  rules["open_file_limit"] = {"a number above 0, or below 0 for no limit", limit_rule(&start_request::open_files)};
  rules["disk_limit"] = {"MB above 0, or below 0 for no limit", limit_rule(&start_request::disk_mb)};
  const auto stream_rule = [](bool start_request::*member) {
    return [member](start_request& out, const json& value) {
      out.*member = value == "keep";
      return value == "keep" || value == "discard";
    };
  };
  rules["stdout"] = {"\"keep\" or \"discard\"", stream_rule(&start_request::keep_stdout)};
  rules["stderr"] = {"\"keep\" or \"discard\"", stream_rule(&start_request::keep_stderr)};
  rules["env"] = {"an object of texts",
                  [](start_request& out, const json& value) { return assign(out.env, variables_of(value)); }};
  rules["parent"] = {"the id of a task", [](start_request& out, const json& value) {
                       return is_run_id(value) && (out.parent = value.get<std::string>(), true);
                     }};
  rules["application"] = {"the path of a folder above the script", text_rule(&start_request::application)};
  rules["depth"] = {"a number from 0 to 1000", [](start_request& out, const json& value) {
                      const bool fits = value.is_number_integer() && value.get<std::int64_t>() >= 0 &&
                                        value.get<std::int64_t>() <= 1000;
                      return fits && (out.depth = value.get<int>(), true);
                    }};
  rules["venv"] = {venv_name_rule, [](start_request& out, const json& value) {
                     if (value == false) {
                       return out.no_venv = true;
                     }
                     return value.is_string() && is_venv_name(value.get_ref<const std::string&>()) &&
                            (out.venv = value.get<std::string>(), true);
                   }};
  rules["clean_venv"] = {"true or false", [](start_request& out, const json& value) {
                           return value.is_boolean() && (out.clean_venv = value.get<bool>(), true);
                         }};
  rules["warm"] = {"true or false", [](start_request& out, const json& value) {
                     return value.is_boolean() && (out.warm = value.get<bool>(), true);
                   }};
  rules["cwd"] = {"the path of a folder", text_rule(&start_request::cwd)};
  return rules;
}

std::string names_of(const std::map<std::string, field_rule>& rules) {
  std::string out;
  for (const auto& [name, rule] : rules) {
    out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

/// Keys of `params` that are meant for the run itself; scripts start others with them.
std::optional<bad_field> take_params(start_request& out) {
  for (const auto& [name, member] : {std::pair{"timeout", &start_request::timeout_s},
                                     std::pair{"memoryLimit", &start_request::memory_mb}}) {
    const auto found = out.params.find(name);
    if (found == out.params.end() || found->is_null() || out.*member) {
      continue;
    }
    if (!is_limit(*found)) {
      return bad_field{std::string{"params."} + name, "a number above 0, or below 0 for no limit"};
    }
    out.*member = found->get<double>();
  }
  return std::nullopt;
}

} // namespace

checked<start_request> start_request::from_json(const json& body) {
  static const auto& rules = *new std::map<std::string, field_rule>(make_rules());
  if (!body.is_object()) {
    return std::unexpected(bad_field{"body", "an object with `script` or `command`"});
  }
  start_request out;
  for (const auto& [name, value] : body.items()) {
    const auto rule = rules.find(name);
    if (rule == rules.end()) {
      return std::unexpected(
        bad_field{name, "no such field; known are " + names_of(rules)});
    }
    if (!value.is_null() && !rule->second.take(out, value)) {
      return std::unexpected(bad_field{name, rule->second.expected});
    }
  }
  // The keys of the run's own params, which a script that starts another one can give too.
  for (const auto& [key, field] : {std::pair{"venv_name", "venv"}, std::pair{"clean_venv", "clean_venv"}}) {
    const auto found = out.params.find(key);
    if (found == out.params.end() || found->is_null() || (body.contains(field) && !body[field].is_null())) {
      continue;
    }
    if (const auto& rule = rules.at(field); !rule.take(out, *found)) {
      return std::unexpected(bad_field{std::string{"params."} + key, rule.expected});
    }
  }
  if (out.script.empty() == out.command.empty()) {
    return std::unexpected(bad_field{"script", "either `script` (a path) or `command` (a list of texts)"});
  }
  if (auto problem = take_params(out)) {
    return std::unexpected(std::move(*problem));
  }
  return out;
}

} // namespace troupe
