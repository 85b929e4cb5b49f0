#include "runtime/applications/application_settings.hpp"

#include "runtime/applications/application_names.hpp"

#include <array>
#include <utility>

namespace troupe {
namespace {

constexpr double longest_answer_s = 3'600;
constexpr std::array modes{std::pair{"start", web_handler::mode::start},
                           std::pair{"per_request", web_handler::mode::per_request},
                           std::pair{"long_lived", web_handler::mode::long_lived}};

std::unexpected<error> refused(const std::string& field, const char* expected) {
  return fail(error_code::bad_request, "the field `" + field + "` is " + expected);
}

bool is_params(const json& value) {
  return value.is_object() && value.dump(-1, ' ', false, json::error_handler_t::replace).size() <=
                                application_settings::most_params_bytes;
}

bool is_handler_name(const std::string& name) {
  constexpr auto letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  return !name.empty() && name.size() <= 100 && name.front() != '.' &&
         name.find_first_not_of(letters) == std::string::npos;
}

bool is_script(const std::string& text) {
  return is_short_id(text, script_id_length) || (parts_of_file_path(text) && is_script_name(text));
}

result<> take(web_handler& out, const std::string& where, const std::string& key, const json& value) {
  if (key == "script") {
    if (!value.is_string() || !is_script(value.get_ref<const std::string&>())) {
      return refused(where, "the path of a script in the application, or a script's id");
    }
    out.script = value.get<std::string>();
  } else if (key == "mode") {
    for (const auto& [name, how] : modes) {
      if (value == name) {
        out.how = how;
        return {};
      }
    }
    return refused(where, "\"per_request\", \"long_lived\" or \"start\"");
  } else if (key == "timeout_s") {
    if (!value.is_number() || value.get<double>() <= 0 || value.get<double>() > longest_answer_s) {
      return refused(where, "a number of seconds above 0, at most 3600");
    }
    out.timeout_s = value.get<double>();
  } else if (key == "params") {
    if (!is_params(value)) {
      return refused(where, "an object of at most 256 KiB");
    }
    out.params = value;
  } else {
    return refused(where, "not known; a handler has `script`, `mode`, `timeout_s` and `params`");
  }
  return {};
}

result<web_handler> handler_of(const std::string& where, const json& value) {
  if (!value.is_object()) {
    return refused(where, "an object with `script`");
  }
  web_handler out;
  for (const auto& [key, each] : value.items()) {
    if (each.is_null()) {
      continue;
    }
    if (auto taken = take(out, where + "." + key, key, each); !taken) {
      return std::unexpected(taken.error());
    }
  }
  if (out.script.empty()) {
    return refused(where + ".script", "the path of a script in the application, or a script's id");
  }
  return out;
}

result<std::map<std::string, web_handler>> handlers_of(const json& value) {
  std::map<std::string, web_handler> out;
  if (!value.is_object() || value.size() > application_settings::most_handlers) {
    return refused("handlers", "an object of at most 100 handlers by their names");
  }
  for (const auto& [name, each] : value.items()) {
    if (!is_handler_name(name)) {
      return refused("handlers", "an object whose names have 1 to 100 of the characters A-Z a-z 0-9 - _ . and no . in front");
    }
    auto handler = handler_of("handlers." + name, each);
    if (!handler) {
      return std::unexpected(handler.error());
    }
    out[name] = std::move(*handler);
  }
  return out;
}

result<std::string> static_folder_of(const json& value) {
  if (!value.is_string()) {
    return refused("static_folder", "the path of a folder in the application, `/` for all of it, or null");
  }
  auto path = value.get<std::string>();
  while (path.size() > 1 && path.ends_with('/')) {
    path.pop_back();
  }
  if (path == "/" || path.empty()) {
    return path;
  }
  if (path.starts_with('/')) {
    path.erase(0, 1); // the application is its root
  }
  if (!parts_of_file_path(path)) {
    return refused("static_folder", "the path of a folder in the application, `/` for all of it, or null");
  }
  return path;
}

} // namespace

const char* name_of(web_handler::mode how) noexcept {
  for (const auto& [name, each] : modes) {
    if (each == how) {
      return name;
    }
  }
  return "";
}

result<> application_settings::change(const json& changes) {
  auto made = *this;
  const application_settings defaults;
  for (const auto& [key, value] : changes.items()) {
    if (key == "static_folder") {
      auto folder = value.is_null() ? result<std::string>{} : static_folder_of(value);
      if (!folder) {
        return std::unexpected(folder.error());
      }
      made.static_folder = std::move(*folder);
    } else if (key == "public") {
      if (!value.is_boolean() && !value.is_null()) {
        return refused(key, "true or false");
      }
      made.is_public = value == true;
    } else if (key == "params") {
      if (!is_params(value) && !value.is_null()) {
        return refused(key, "an object of at most 256 KiB");
      }
      made.params = value.is_null() ? defaults.params : value;
    } else if (key == "handlers") {
      auto all = handlers_of(value.is_null() ? json::object() : value);
      if (!all) {
        return std::unexpected(all.error());
      }
      made.handlers = std::move(*all);
    } else {
      return refused(key, "not known; there are `name`, `static_folder`, `public`, `params` and `handlers`");
    }
  }
  *this = std::move(made);
  return {};
}

json application_settings::to_json() const {
  json all = json::object();
  for (const auto& [name, each] : handlers) {
    all[name] = {{"script", each.script}, {"mode", name_of(each.how)}, {"timeout_s", each.timeout_s}, {"params", each.params}};
  }
  return {{"static_folder", static_folder.empty() ? json(nullptr) : json(static_folder)},
          {"public", is_public},
          {"params", params},
          {"handlers", std::move(all)}};
}

void application_settings::rename(const std::string& from, const std::string& to) {
  for (auto& [name, each] : handlers) {
    each.script = renamed_path(each.script, from, to);
  }
  static_folder = renamed_path(static_folder, from, to);
}

json merged_params(const json& beneath, const json& above) {
  json out = beneath.is_object() ? beneath : json::object();
  for (const auto& [name, value] : above.items()) {
    out[name] = value;
  }
  return out;
}

std::string renamed_path(const std::string& path, const std::string& from, const std::string& to) {
  if (path == from) {
    return to;
  }
  return path.starts_with(from + "/") ? to + path.substr(from.size()) : path;
}

} // namespace troupe
