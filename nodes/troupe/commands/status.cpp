#include "nodes/troupe/commands.hpp"
#include "nodes/troupe/typed_value.hpp"

namespace troupe::cli {

attempt<int> execute(const status_options&, command_context& context) {
  const auto system = context.connect();
  if (!system) {
    return std::unexpected(system.error());
  }
  const auto status = system->status();
  if (!status) {
    return std::unexpected(status.error());
  }
  const auto ready = read_ready_file(context.state_dir());
  if (context.is_json()) {
    context.print_json(*status);
    return exit_ok;
  }
  const auto line = [](std::string_view name, const std::string& value) {
    std::string text{name};
    text.resize(10, ' ');
    return text + value + "\n";
  };
  const auto field = [&](const char* key) { return shown(status->value(key, json{})); };
  std::string text = line("system", field("system")) + line("version", field("version")) + line("head", field("head"));
  if (ready) {
    text += line("console", printable(ready->api) + "/") + line("daemon", "process " + std::to_string(ready->pid));
  }
  text += line("state", context.state_dir().string());
  if (const auto services = status->find("services"); services != status->end() && services->is_object()) {
    for (const auto& [name, value] : services->items()) {
      text += line("service", printable(name) + "  " + shown(value));
    }
  }
  if (const auto nodes = status->find("nodes"); nodes != status->end() && nodes->is_array()) {
    for (const auto& node : *nodes) {
      text += line("node", shown(node));
    }
  }
  context.print(text);
  return exit_ok;
}

attempt<int> execute(const login_options&, command_context& context) {
  const auto system = context.connect();
  if (!system) {
    return std::unexpected(system.error());
  }
  const auto login = system->new_login();
  if (!login) {
    return std::unexpected(login.error());
  }
  context.is_json() ? context.print_json(json{{"login", *login}}) : context.print(printable(*login) + "\n");
  return exit_ok;
}

} // namespace troupe::cli
