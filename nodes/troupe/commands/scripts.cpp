#include "nodes/troupe/commands.hpp"
#include "nodes/troupe/typed_value.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

namespace troupe::cli {

namespace {

constexpr std::size_t most_bytes = 16u << 20; ///< as the server takes
constexpr int exit_timed_out = 124;

std::string text_part(const json& object, const char* key) {
  const auto value = part(object, key);
  return value.is_string() ? value.get<std::string>() : std::string{};
}

/// All of a file or of standard input.
attempt<std::string> read_all(const std::string& name) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened{name == "-" ? nullptr : std::fopen(name.c_str(), "rbe"),
                                                               &std::fclose};
  std::FILE* from = name == "-" ? stdin : opened.get();
  std::string content;
  char piece[1 << 16];
  std::size_t got = from == nullptr ? 0 : 1;
  while (got > 0 && content.size() <= most_bytes) {
    got = std::fread(piece, 1, sizeof piece, from);
    content.append(piece, got);
  }
  if (from == nullptr || std::ferror(from) != 0) {
    return give_up(exit_usage, "cannot read " + name + ": " + std::strerror(errno));
  }
  return content.size() <= most_bytes ? attempt<std::string>{std::move(content)}
                                      : give_up(exit_usage, name + " is too large for the script server");
}

int print_end(const json& facts, const std::string& text, const command_context& context) {
  context.is_json() ? context.print_json(facts) : context.print(text);
  return exit_ok;
}

int print_list(const json& names, const command_context& context) {
  std::string text;
  for (const auto& name : names) {
    text += shown(name) + "\n";
  }
  return print_end(names, text.empty() ? "no scripts\n" : text, context);
}

attempt<int> put(const gateway& server, const stored_script_options& options, const command_context& context) {
  auto name = options.name;
  if (name.empty()) {
    name = options.file == "-" ? "" : std::filesystem::path(options.file).filename().string();
  }
  if (name.empty()) {
    return give_up(exit_usage, "say under which name it is kept: troupe script put - NAME");
  }
  auto code = read_all(options.file);
  if (!code) {
    return std::unexpected(code.error());
  }
  json fields{{"code", std::move(*code)}};
  if (!options.venv.empty()) {
    fields["venv"] = options.venv;
  }
  if (options.timeout_s != 0) {
    fields["timeout"] = options.timeout_s;
  }
  if (options.memory_mb != 0) {
    fields["memoryLimit"] = options.memory_mb;
  }
  for (const auto& each : options.env) {
    const auto equals = each.find('=');
    if (equals == std::string::npos || equals == 0) {
      return give_up(exit_usage, "--env takes NAME=value, not " + each);
    }
    fields["env"][each.substr(0, equals)] = each.substr(equals + 1);
  }
  const auto is_new = server.put_script(name, std::move(fields));
  return is_new ? attempt<int>{print_end({{"name", name}, {"new", *is_new}}, "", context)} : std::unexpected(is_new.error());
}

int code_of(const json& result) {
  const auto code = part(result, "exit_code");
  const auto signal = part(result, "signal");
  if (code.is_number_integer()) {
    return code.get<int>();
  }
  return part(result, "timed_out") == true ? exit_timed_out
         : signal.is_number_integer()      ? 128 + signal.get<int>()
                                           : exit_failure;
}

attempt<int> run(const gateway& server, const stored_script_options& options, command_context& context) {
  auto data = options.data == "-" ? read_all("-") : attempt<std::string>{options.data};
  if (!data) {
    return std::unexpected(data.error());
  }
  if (!data->empty() && !json::accept(*data)) {
    return give_up(exit_usage, "--data is no JSON");
  }
  // Put together as text: the script gets its data as it was written.
  const std::string body = "{\"args\":" + json(options.args).dump(-1, ' ', false, json::error_handler_t::replace) +
                           (data->empty() ? std::string{} : ",\"data\":" + *data) + "}";
  const auto result = server.run_script(options.name, body, options.fresh);
  if (!result) {
    auto why = result.error();
    why.code = why.http_status == 504 ? exit_timed_out : why.code;
    return std::unexpected(std::move(why));
  }
  if (context.is_json()) {
    context.print_json(*result);
    return code_of(*result);
  }
  context.sink().out(text_part(*result, "stdout"));
  context.sink().err(text_part(*result, "stderr"));
  if (const auto problem = text_part(*result, "error"); !problem.empty()) {
    context.complain(printable(problem));
  }
  return code_of(*result);
}

} // namespace

attempt<int> execute(const stored_script_options& options, command_context& context) {
  const auto server = context.connect_to_scripts();
  if (!server) {
    return std::unexpected(server.error());
  }
  switch (options.action) {
  case script_action::put: return put(*server, options, context);
  case script_action::run: return run(*server, options, context);
  case script_action::remove: {
    const auto removed = server->remove_script(options.name);
    return removed ? attempt<int>{print_end({{"name", options.name}}, "", context)} : std::unexpected(removed.error());
  }
  default: break;
  }
  const auto facts = options.action == script_action::get ? server->script(options.name) : server->scripts();
  if (!facts) {
    return std::unexpected(facts.error());
  }
  return options.action == script_action::get ? print_end(*facts, text_part(*facts, "code"), context)
                                              : print_list(*facts, context);
}

} // namespace troupe::cli
