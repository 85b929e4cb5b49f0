#include "runtime/config/config_layers.hpp"
#include "runtime/config/expand_path.hpp"
#include "runtime/config/run_user.hpp"
#include "runtime/config/schema_check.hpp"
#include "runtime/config/settings_json.hpp"

#include <set>

#include <unistd.h>

namespace troupe {

namespace {

namespace fs = std::filesystem;

std::string variable(const std::map<std::string, std::string>& environment, const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string{} : found->second;
}

/// Makes every folder of the settings absolute.
class folder_resolver {
public:
  folder_resolver(const load_request& from, config_layers& layers) : from_(from), layers_(layers) {
    const auto home = variable(from.environment, "HOME");
    auto state_home = variable(from.environment, "XDG_STATE_HOME");
    if (!fs::path(state_home).is_absolute()) {
      state_home = home.empty() ? "/var/lib" : home + "/.local/state";
    }
    variables_ = {{"program_dir", from.program_dir.string()}, {"home", home}, {"state_home", state_home}};
  }

  void resolve(settings& all) {
    resolve("state_dir", all.state_dir);
    variables_["state_dir"] = all.state_dir.string();
    for (auto& folder : all.folders.packages) {
      resolve("folders.packages", folder);
    }
    resolve("folders.runs", all.folders.runs);
    resolve("folders.scripts", all.folders.scripts);
    resolve("folders.applications", all.folders.applications);
    resolve("folders.venvs", all.folders.venvs);
    resolve("folders.log", all.folders.log);
    resolve("folders.run", all.folders.run);
    for (auto* path : {&all.venvs.requirements, &all.venvs.find_links}) {
      if (!path->empty()) {
        resolve(path == &all.venvs.requirements ? "venvs.requirements" : "venvs.find_links", *path);
      }
    }
    resolve_program("python", all.python);
    resolve_program("venvs.python", all.venvs.python);
    resolve_program("venvs.uv", all.venvs.uv);
  }

private:
  /// A name without a slash is looked up on PATH later.
  void resolve_program(const std::string& key, std::string& program) {
    if (program.find('/') != std::string::npos) {
      fs::path path = program;
      resolve(key, path);
      program = path.string();
    }
  }

  void resolve(const std::string& key, fs::path& path) {
    const auto* source = layers_.source_of(key);
    auto variables = variables_;
    if (source != nullptr) {
      variables["config_dir"] = source->base_dir.string();
    }
    auto expanded = expand_path(path.string(), source != nullptr ? source->base_dir : from_.current_dir, variables);
    if (expanded) {
      path = std::move(*expanded);
    } else {
      layers_.problems().push_back((source != nullptr ? source->text : "default") + ": \"" + key +
                                   "\": " + expanded.error().text);
    }
  }

  const load_request& from_;
  config_layers& layers_;
  std::map<std::string, std::string> variables_;
};

/// What no schema can say: rules between two settings.
void check_together(const settings& all, config_layers& layers) {
  const auto complain = [&](const std::string& key, const std::string& text) {
    const auto* source = layers.source_of(key);
    layers.problems().push_back((source != nullptr ? source->text : "default") + ": " + text);
  };
  if (all.heartbeat.dead_after_s <= all.heartbeat.interval_s) {
    complain(layers.source_of("heartbeat.dead_after_s") != nullptr ? "heartbeat.dead_after_s" : "heartbeat.interval_s",
             "\"heartbeat.dead_after_s\" must be more than \"heartbeat.interval_s\", or every process is judged dead");
  }
  if (!all.tasks.user.empty()) {
    if (const auto user = find_run_user(all.tasks.user); !user) {
      complain("tasks.user", "\"tasks.user\": " + user.error().text);
    }
  }
  std::set<std::string> names{all.main_process};
  for (const auto& process : all.processes) {
    if (process.name && !names.insert(*process.name).second) {
      complain("processes", "\"processes\" names \"" + *process.name + "\" twice; process names are unique on a host");
    }
  }
  names.clear();
  for (const auto& actor : all.actors) {
    if (!names.insert(actor.name).second) {
      complain("actors", "\"actors\" names \"" + actor.name + "\" twice; actor names are unique in a system");
    }
  }
  std::set<std::string> groups;
  std::set<std::string> grouped;
  for (const auto& group : all.groups) {
    if (!groups.insert(group.name).second) {
      complain("groups", "\"groups\" names \"" + group.name + "\" twice");
    }
    for (const auto& actor : group.actors) {
      if (!names.contains(actor)) {
        complain("groups", "the group \"" + group.name + "\" has the actor \"" + actor + "\", which \"actors\" does not name");
      } else if (!grouped.insert(actor).second) {
        complain("groups", "the actor \"" + actor + "\" is in a group twice; an actor has one group");
      }
    }
  }
}

} // namespace

result<settings> load_settings(const load_request& from) {
  config_layers layers(settings_schema());
  for (const auto& file : from.files) {
    layers.add_file(file);
  }
  layers.add_environment(from.environment, from.current_dir);
  for (const auto& flag : from.flags) {
    layers.add_flag(flag, from.current_dir);
  }
  settings all;
  if (layers.problems().empty()) {
    all = settings_from_json(layers.value());
    folder_resolver(from, layers).resolve(all);
    check_together(all, layers);
  }
  if (!layers.problems().empty()) {
    std::string text;
    for (const auto& problem : layers.problems()) {
      text += (text.empty() ? "" : "\n") + problem;
    }
    return fail(layers.file_was_unreadable() ? error_code::io_error : error_code::bad_request, std::move(text));
  }
  for (const auto& leaf : schema_leaves(settings_schema())) {
    const auto* source = layers.source_of(leaf.path);
    all.origins[leaf.path] = source != nullptr ? source->text : "default";
  }
  all.warnings = std::move(layers.warnings());
  return all;
}

load_request load_request_of_this_process() {
  load_request request;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (const auto equals = text.find('='); equals != std::string_view::npos) {
      request.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  std::error_code unused;
  request.program_dir = fs::read_symlink("/proc/self/exe", unused).parent_path();
  request.current_dir = fs::current_path(unused);
  return request;
}

} // namespace troupe
