#include <actors/task/start_request.hpp>

#include <runtime/venv/venv_name.hpp>

#include <cmath>
#include <functional>
#include <string_view>

namespace troupe {
namespace {

constexpr double longest_timeout_s = 10.0 * 365 * 24 * 3600;

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
  rules["timeout"] = {"seconds above 0, or below 0 for no limit", [](start_request& out, const json& value) {
                        if (!value.is_number() || value.get<double>() == 0 ||
                            !(value.get<double>() < longest_timeout_s)) {
                          return false;
                        }
                        out.timeout_s = value.get<double>();
                        return true;
                      }};
  rules["env"] = {"an object of texts",
                  [](start_request& out, const json& value) { return assign(out.env, variables_of(value)); }};
  rules["venv"] = {venv_name_rule, [](start_request& out, const json& value) {
                     return value.is_string() && is_venv_name(value.get_ref<const std::string&>()) &&
                            (out.venv = value.get<std::string>(), true);
                   }};
  rules["clean_venv"] = {"true or false", [](start_request& out, const json& value) {
                           return value.is_boolean() && (out.clean_venv = value.get<bool>(), true);
                         }};
  rules["cwd"] = {"the path of a folder", text_rule(&start_request::cwd)};
  return rules;
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
        bad_field{name, "no such field: args, clean_venv, command, cwd, env, id, params, script, stdin, timeout and venv are known"});
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
  return out;
}

} // namespace troupe
