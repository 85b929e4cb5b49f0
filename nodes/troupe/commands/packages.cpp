#include "nodes/troupe/commands.hpp"
#include "nodes/troupe/daemon_process.hpp"
#include "nodes/troupe/table.hpp"
#include "nodes/troupe/typed_value.hpp"

#include "runtime/config/settings.hpp"
#include "runtime/package_template/package_template.hpp"
#include "runtime/packages/package_index.hpp"

#include <troupe/package.hpp>

namespace troupe::cli {

namespace {

namespace fs = std::filesystem;

attempt<std::vector<fs::path>> package_folders(const package_options& options, const command_context& context) {
  auto request = load_request_of_this_process();
  if (!options.config.empty()) {
    request.files.emplace_back(options.config);
  }
  if (context.has_state_dir_flag()) {
    request.flags.push_back("state_dir=" + context.state_dir().string());
  }
  const auto loaded = load_settings(request);
  if (!loaded) {
    return give_up(exit_usage, loaded.error().text);
  }
  return loaded->folders.packages;
}

std::string class_names(const package_entry& package) {
  std::string names;
  for (const auto& found : package.facts.classes) {
    names += (names.empty() ? "" : ", ") + found.name;
  }
  return names;
}

json to_json(const package_entry& package) {
  json classes = json::array();
  for (const auto& found : package.facts.classes) {
    classes.push_back(
      {{"name", found.name}, {"doc", found.doc}, {"commands", found.commands}, {"params", found.params}});
  }
  return {{"name", package.name},
          {"version", package.version},
          {"folder", package.folder.string()},
          {"description", package.facts.description},
          {"requirements", package.facts.requirements},
          {"classes", classes},
          {"problem", package.problem.empty() ? json(nullptr) : json(package.problem)}};
}

attempt<int> list(const std::vector<fs::path>& folders, const command_context& context) {
  const auto packages = list_packages(folders, TROUPE_ABI_TAG, true);
  json document = json::array();
  table rows({"PACKAGE", "VERSION", "CLASSES", "FOLDER"});
  for (const auto& package : packages) {
    document.push_back(to_json(package));
    rows.add({package.name, package.version, class_names(package), package.folder.string()});
  }
  if (context.is_json()) {
    context.print_json(json{{"packages", document}});
  } else {
    context.print(rows.empty() ? std::string{"no packages; `troupe pkg path` shows where they are looked for\n"}
                               : rows.text(context.colour()));
  }
  for (const auto& package : packages) {
    if (!package.problem.empty()) {
      context.complain(package.name + " " + package.version + " cannot be used: " + printable(package.problem));
    }
  }
  return exit_ok;
}

attempt<int> show_path(const std::vector<fs::path>& folders, const command_context& context) {
  json document = json::array();
  std::string text;
  for (const auto& folder : folders) {
    std::error_code failed;
    const bool is_there = fs::is_directory(folder, failed);
    document.push_back({{"folder", folder.string()}, {"exists", is_there}});
    text += folder.string() + (is_there ? "\n" : "   (not there)\n");
  }
  context.is_json() ? context.print_json(json{{"folders", document}}) : context.print(text);
  return exit_ok;
}

/// The SDK of a build lies beside the programs' folder, that of an installation is where they are installed.
fs::path find_sdk() {
  const auto above = program_dir().parent_path();
  for (const auto& place : {above / "sdk", above}) {
    std::error_code failed;
    if (fs::exists(place / "include" / "troupe" / "actor.hpp", failed)) {
      return place;
    }
  }
  return {};
}

attempt<int> make(const package_options& options, const std::vector<fs::path>& folders,
                  const command_context& context) {
  std::error_code failed;
  const auto folder = fs::absolute(options.folder.empty() ? options.name : options.folder, failed).lexically_normal();
  package_template_options wanted{.name = options.name, .sdk = find_sdk()};
  if (!folders.empty()) {
    wanted.packages = folders.back(); // the system's own; the others come with the programs
  }
  const auto files = package_project(wanted);
  const auto written = files ? write_project(folder, *files) : std::unexpected(files.error());
  if (!written) {
    const bool is_input =
      written.error().code == error_code::bad_request || written.error().code == error_code::conflict;
    return give_up(is_input ? exit_usage : exit_failure, written.error().text);
  }
  json document = json::array();
  std::string text = "The project is in " + folder.string() + ":\n";
  for (const auto& file : *files) {
    document.push_back(file.path);
    text += "  " + file.path + "\n";
  }
  text += "Its README.md says how to build, install and use it.\n";
  context.is_json() ? context.print_json(json{{"folder", folder.string()}, {"files", document}}) : context.print(text);
  return exit_ok;
}

} // namespace

attempt<int> execute(const package_options& options, command_context& context) {
  const auto folders = package_folders(options, context);
  if (!folders) {
    return std::unexpected(folders.error());
  }
  switch (options.action) {
  case package_action::make:
    return make(options, *folders, context);
  case package_action::path:
    return show_path(*folders, context);
  case package_action::list:
    break;
  }
  return list(*folders, context);
}

} // namespace troupe::cli
