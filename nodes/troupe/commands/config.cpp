#include "nodes/troupe/commands.hpp"
#include "nodes/troupe/table.hpp"
#include "nodes/troupe/typed_value.hpp"

#include "runtime/config/settings.hpp"

#include <sstream>

namespace troupe::cli {

namespace {

result<settings> load(const std::string& file, const command_context& context) {
  auto request = load_request_of_this_process();
  if (!file.empty()) {
    request.files.emplace_back(file);
  }
  if (context.has_state_dir_flag()) {
    request.flags.push_back("state_dir=" + context.state_dir().string());
  }
  return load_settings(request);
}

json lines_of(const std::string& text) {
  json lines = json::array();
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  return lines;
}

attempt<int> check(const config_options& options, const command_context& context) {
  const auto loaded = load(options.file, context);
  const std::string what = options.file.empty() ? "the config (defaults and environment)" : options.file;
  if (context.is_json()) {
    context.print_json(json{{"ok", loaded.has_value()},
                            {"problems", loaded ? json::array() : lines_of(loaded.error().text)},
                            {"warnings", loaded ? json(loaded->warnings) : json::array()}});
    return loaded ? exit_ok : exit_usage;
  }
  if (!loaded) {
    return give_up(exit_usage, what + " is not right:\n" + loaded.error().text);
  }
  for (const auto& warning : loaded->warnings) {
    context.complain(warning);
  }
  context.print(what + " is right\n");
  return exit_ok;
}

/// One row a setting; a list is one setting, as it has one origin.
void add_rows(table& rows, const json& value, const std::string& path, const settings& loaded, json& document) {
  const auto origin = loaded.origins.find(path);
  if (value.is_object() && !value.empty() && origin == loaded.origins.end()) {
    for (const auto& [key, inner] : value.items()) {
      std::string inner_path = path;
      inner_path += path.empty() ? "" : ".";
      add_rows(rows, inner, inner_path + key, loaded, document);
    }
    return;
  }
  const std::string from = origin == loaded.origins.end() ? "default" : origin->second;
  rows.add({path, shown(value), from});
  document[path] = {{"value", value}, {"origin", from}};
}

} // namespace

attempt<int> execute(const config_options& options, command_context& context) {
  if (options.check) {
    return check(options, context);
  }
  const auto loaded = load(options.file, context);
  if (!loaded) {
    return give_up(exit_usage, loaded.error().text);
  }
  const json value = settings_to_json(*loaded);
  if (!options.origin) {
    context.print_json(value); // a config file again
    return exit_ok;
  }
  table rows({"SETTING", "VALUE", "FROM"});
  json document = json::object();
  add_rows(rows, value, {}, *loaded, document);
  context.is_json() ? context.print_json(document) : context.print(rows.text(context.colour()));
  return exit_ok;
}

} // namespace troupe::cli
