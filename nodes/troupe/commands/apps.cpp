#include "nodes/troupe/commands.hpp"
#include "nodes/troupe/commands/app_changes.hpp"
#include "nodes/troupe/table.hpp"
#include "nodes/troupe/typed_value.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace troupe::cli {

namespace {

constexpr std::size_t most_file_bytes = 16u << 20; ///< as the system takes

/// All of a file or of standard input.
attempt<std::string> read_file(const std::string& name) {
  const int fd = name == "-" ? STDIN_FILENO : ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  std::string content;
  char piece[1 << 16];
  ssize_t got = fd < 0 ? -1 : 0;
  while (fd >= 0 && content.size() <= most_file_bytes) {
    got = ::read(fd, piece, sizeof piece);
    if (got == 0 || (got < 0 && errno != EINTR)) {
      break;
    }
    content.append(piece, got < 0 ? 0 : static_cast<std::size_t>(got));
  }
  const int reason = errno;
  if (fd > STDIN_FILENO) {
    ::close(fd);
  }
  if (got < 0) {
    return give_up(exit_usage, "cannot read " + name + ": " + std::strerror(reason));
  }
  if (content.size() > most_file_bytes) {
    return give_up(exit_usage, name + " is too large: a file of an application has at most 16 MiB");
  }
  return content;
}

int print_list(const json& facts, const command_context& context) {
  if (context.is_json()) {
    context.print_json(facts);
    return exit_ok;
  }
  table rows({"APPLICATION", "NAME", "SCRIPTS", "FOLDER"});
  const auto applications = part(facts, "applications");
  for (const auto& one : applications) {
    const auto problem = part(one, "problem");
    rows.add({shown(part(one, "id")), shown(part(one, "name")), std::to_string(part(one, "executable").size()),
              problem.is_string() ? shown(problem) : shown(part(one, "path"))});
  }
  context.print(rows.empty() ? std::string{"no applications\n"} : rows.text(context.colour()));
  return exit_ok;
}

int print_files(const json& facts, const command_context& context) {
  if (context.is_json()) {
    context.print_json(facts);
    return exit_ok;
  }
  const auto marks = part(facts, "executable");
  const auto files = part(facts, "files");
  table rows({"FILE", "BYTES", "SCRIPT ID"});
  for (const auto& one : files) {
    const auto path = part(one, "path");
    const auto mark = path.is_string() ? part(marks, path.get_ref<const std::string&>().c_str()) : json{};
    rows.add({path.is_string() ? shown(path) : "(a name that is not UTF-8)", shown(part(one, "size")),
              mark.is_string() ? shown(mark) : "-"});
  }
  std::string text = shown(part(facts, "name")) + ": " + shown(part(facts, "path")) + "\n";
  if (const auto problem = part(facts, "problem"); problem.is_string()) {
    text += shown(problem) + "\n";
  }
  text += rows.empty() ? std::string{"no files\n"} : rows.text(context.colour());
  context.print(text + (part(facts, "truncated") == true ? "... and more\n" : ""));
  return exit_ok;
}

int print_end(const json& facts, const std::string& text, const command_context& context) {
  context.is_json() ? context.print_json(facts) : context.print(text);
  return exit_ok;
}

attempt<int> put(const gateway& system, const app_options& options, const command_context& context) {
  auto path = options.path;
  if (path.empty()) {
    path = options.file == "-" ? "" : std::filesystem::path(options.file).filename().string();
  }
  if (path.empty()) {
    return give_up(exit_usage, "say under which path the application keeps it: troupe app put ID FILE PATH");
  }
  auto content = read_file(options.file);
  if (!content) {
    return std::unexpected(content.error());
  }
  const auto size = content->size();
  if (const auto written = system.put_file(options.id, path, std::move(*content)); !written) {
    return std::unexpected(written.error());
  }
  return print_end({{"id", options.id}, {"path", path}, {"size", size}}, "", context);
}

} // namespace

attempt<int> execute(const app_options& options, command_context& context) {
  const auto system = context.connect();
  if (!system) {
    return std::unexpected(system.error());
  }
  switch (options.action) {
  case app_action::put:
    return put(*system, options, context);
  case app_action::unmark: {
    const auto done = system->unmark_script(options.id, options.path);
    return done ? attempt<int>{print_end({{"id", options.id}, {"path", options.path}}, "", context)}
                : std::unexpected(done.error());
  }
  case app_action::list:
  case app_action::create:
  case app_action::show:
  case app_action::mark:
    break;
  default:
    return change_application(*system, options, context);
  }
  const auto facts = options.action == app_action::create ? system->create_application(options.name)
                     : options.action == app_action::show ? system->application(options.id)
                     : options.action == app_action::mark ? system->mark_script(options.id, options.path)
                                                          : system->applications();
  if (!facts) {
    return std::unexpected(facts.error());
  }
  return options.action == app_action::list   ? print_list(*facts, context)
         : options.action == app_action::show ? print_files(*facts, context)
                                              : print_end(*facts, shown(part(*facts, "id")) + "\n", context);
}

} // namespace troupe::cli
